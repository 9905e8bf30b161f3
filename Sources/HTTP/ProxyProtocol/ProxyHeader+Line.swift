internal import Bytes

/// Version 1: a line of text (§2.1).
extension ProxyHeader {
    /// Reads the line that `bytes` begin with.
    static func parseLine(_ bytes: Span<UInt8>) -> ProxyParseOutcome {
        for index in 0..<min(bytes.count, word.count) where bytes[index] != word[index] {
            return .failed(.missing)
        }
        var end = word.count
        while end < bytes.count, bytes[end] != UInt8(ascii: "\r") {
            guard (0x20...0x7e).contains(bytes[end]) else { return .failed(.malformedLine) }
            end += 1
            // The end of the line takes two bytes more.
            guard end + 2 <= longestLine else { return .failed(.tooLong) }
        }
        guard end + 1 < bytes.count else { return .needsMore }
        guard bytes[end + 1] == UInt8(ascii: "\n") else { return .failed(.malformedLine) }
        guard let header = read(bytes.extracting(word.count..<end)) else {
            return .failed(.malformedLine)
        }
        return .complete(header, consumed: end + 2)
    }

    /// Reads what stands behind `PROXY `.
    private static func read(_ line: Span<UInt8>) -> ProxyHeader? {
        var words = LineWords(line.count)
        let family = words.next(in: line)
        let name = line.extracting(family)
        // What follows is to be ignored (§2.1).
        if name.equals("UNKNOWN") { return .unknown }
        let isIPv6 = name.equals("TCP6")
        guard isIPv6 || name.equals("TCP4") else { return nil }
        let addresses = (words.next(in: line), words.next(in: line))
        let ports = (words.next(in: line), words.next(in: line))
        guard words.isAtEnd,
            let source = endpoint(
                line.extracting(addresses.0), line.extracting(ports.0), isIPv6: isIPv6),
            let destination = endpoint(
                line.extracting(addresses.1), line.extracting(ports.1), isIPv6: isIPv6)
        else { return nil }
        return ProxyHeader(source: source, destination: destination)
    }

    private static func endpoint(
        _ address: Span<UInt8>, _ port: Span<UInt8>, isIPv6: Bool
    ) -> ProxyEndpoint? {
        guard let port = ProxyEndpoint.number(port, atMost: 65_535).map({ UInt16($0) }) else {
            return nil
        }
        guard isIPv6 else {
            return ProxyEndpoint.ipv4(address).map { .ipv4($0, port: port) }
        }
        return ProxyEndpoint.ipv6(address).map { .ipv6($0.0, $0.1, port: port) }
    }

    /// Appends the line.
    func appendLine(to queue: inout ByteQueue) {
        guard !isLocal, let source, let destination else {
            queue.append("PROXY UNKNOWN\r\n")
            return
        }
        if case .ipv4(let from, _) = source, case .ipv4(let to, _) = destination {
            queue.append("PROXY TCP4 ")
            append(ipv4: from, to: &queue)
            queue.append(" ")
            append(ipv4: to, to: &queue)
        } else {
            queue.append("PROXY TCP6 ")
            append(ipv6: source.halves, to: &queue)
            queue.append(" ")
            append(ipv6: destination.halves, to: &queue)
        }
        queue.append(" ")
        queue.append(decimal: Int(source.port))
        queue.append(" ")
        queue.append(decimal: Int(destination.port))
        queue.append("\r\n")
    }

    private func append(ipv4 bits: UInt32, to queue: inout ByteQueue) {
        for shift: UInt32 in [24, 16, 8, 0] {
            if shift < 24 { queue.append(".") }
            queue.append(decimal: Int(bits >> shift & 0xff))
        }
    }

    /// All eight groups: the line has room for them, and every reader knows that form.
    private func append(ipv6 halves: (UInt64, UInt64), to queue: inout ByteQueue) {
        for index in 0..<8 {
            if index > 0 { queue.append(":") }
            let half = index < 4 ? halves.0 : halves.1
            queue.append(hexadecimal: half >> UInt64((3 - index & 3) * 16) & 0xffff)
        }
    }

    /// What every line begins with.
    private static let word: [UInt8] = Array("PROXY ".utf8)
}

/// Where the words of a line stand, each behind a single space.
private struct LineWords {
    private var start = 0
    private let count: Int
    private(set) var isAtEnd = false

    init(_ count: Int) { self.count = count }

    /// The next word; empty behind the last one.
    mutating func next(in line: Span<UInt8>) -> Range<Int> {
        guard !isAtEnd else { return count..<count }
        let begin = start
        guard let space = line.firstIndex(of: UInt8(ascii: " "), from: begin) else {
            isAtEnd = true
            return begin..<count
        }
        start = space + 1
        return begin..<space
    }
}
