internal import Bytes

/// The four forms of a request's target (RFC 9112 §3.2).
enum RequestTarget {
    /// Reads the target and stores its parts; returns what is wrong with it.
    static func read(_ target: Span<UInt8>, into head: inout RequestHead) -> HTTPFault? {
        if head.method == .connect { return .connectRefused }
        for index in target.indices where !isTargetByte(target[index]) { return .badTarget }
        let start = head.text.count
        head.targetPart = head.store(target)
        if target[0] == UInt8(ascii: "/") {
            setPath(start..<(start + target.count), of: target, into: &head)
            return nil
        }
        if target.count == 1, target[0] == UInt8(ascii: "*") {
            guard head.method == .options else { return .badTarget }
            setPath(start..<(start + 1), of: target, into: &head)
            return nil
        }
        return readAbsolute(target, at: start, into: &head)
    }

    /// `http://authority/path` as sent to a proxy; its authority wins over Host (RFC 9112 §3.2.2).
    private static func readAbsolute(
        _ target: Span<UInt8>, at start: Int, into head: inout RequestHead
    ) -> HTTPFault? {
        let schemeLength: Int
        if target.count > 7, target.extracting(0..<7).equalsIgnoringCase("http://") {
            schemeLength = 7
        } else if target.count > 8, target.extracting(0..<8).equalsIgnoringCase("https://") {
            schemeLength = 8
            head.demandsTLS = true
        } else {
            return .badTarget
        }
        var end = schemeLength
        while end < target.count, target[end] != UInt8(ascii: "/"), target[end] != UInt8(ascii: "?")
        { end += 1 }
        guard let hostLength = Authority.hostLength(target.extracting(schemeLength..<end)) else {
            return .badHost
        }
        head.authorityPart = .init(start: start + schemeLength, end: start + end)
        head.hostPart = .init(start: start + schemeLength, end: start + schemeLength + hostLength)
        if end < target.count, target[end] == UInt8(ascii: "/") {
            setPath(
                (start + end)..<(start + target.count), of: target.extracting(end...), into: &head)
            return nil
        }
        // RFC 9112 §3.2.4: OPTIONS for the whole server becomes `*` at the last hop; any other
        // empty path is `/`.
        let pathStart = head.text.count
        if head.method == .options, end == target.count {
            head.text.append("*")
        } else {
            head.text.append("/")
            head.text.append(target.extracting(end...))
        }
        head.pathAndQueryPart = .init(start: pathStart, end: head.text.count)
        head.pathPart = .init(start: pathStart, end: pathStart + 1)
        return nil
    }

    private static func setPath(
        _ range: Range<Int>, of bytes: Span<UInt8>, into head: inout RequestHead
    ) {
        head.pathAndQueryPart = .init(start: range.lowerBound, end: range.upperBound)
        let length = bytes.firstIndex(of: UInt8(ascii: "?")) ?? bytes.count
        head.pathPart = .init(start: range.lowerBound, end: range.lowerBound + length)
    }

    /// Visible ASCII without `#`: a fragment is never sent (RFC 9110 §7.1), and other bytes must be
    /// percent-encoded.
    static func isTargetByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "#")
    }
}
