/// Reads a name server's answer (RFC 1035 §4).
///
/// Whoever answers may be hostile, or be spoken for by somebody who is: every look is within the
/// message, and a name ends after as many steps as it can have at most.
struct DNSMessage {
    private let bytes: [UInt8]
    private var place = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The records of the answer that servers are found by; nil where the message breaks a rule.
    static func records(_ bytes: [UInt8]) -> [DNSRecord]? {
        var message = DNSMessage(bytes)
        return message.read()
    }

    private mutating func read() -> [DNSRecord]? {
        guard bytes.count >= DNSMessage.headBytes else { return nil }
        let questions = word(at: 4)
        let answers = word(at: 6)
        place = DNSMessage.headBytes
        for _ in 0..<questions {
            guard skipName(), advance(4) else { return nil }
        }
        var records: [DNSRecord] = []
        for _ in 0..<answers {
            guard skipName(), place + 10 <= bytes.count else { return nil }
            let (type, family) = (word(at: place), word(at: place + 2))
            let seconds = UInt32(word(at: place + 4)) << 16 | UInt32(word(at: place + 6))
            let length = word(at: place + 8)
            place += 10
            let begin = place
            guard advance(length) else { return nil }
            guard family == DNSMessage.internet else { continue }
            // Whoever sets the highest bit means none (RFC 2181 §8).
            let ttl = seconds >> 31 == 0 ? seconds : 0
            switch content(type, begin, length) {
            case .some(.some(let content)): records.append(DNSRecord(content, ttl: ttl))
            case .some(.none): continue
            case .none: return nil
            }
        }
        return records
    }

    /// What a record says; nil inside where it is not for us, nil outside where it breaks a rule.
    private func content(_ type: Int, _ begin: Int, _ length: Int) -> DNSRecord.Content?? {
        switch type {
        case 1:
            guard length == 4 else { return nil }
            return .some(.ipv4(UInt32(word(at: begin)) << 16 | UInt32(word(at: begin + 2))))
        case 28:
            guard length == 16 else { return nil }
            return .some(.ipv6(half(at: begin), half(at: begin + 8)))
        case 33:
            guard length >= 7 else { return nil }
            guard let (target, end) = name(at: begin + 6), end == begin + length else { return nil }
            // A name that no host has.
            guard let target else { return .some(.none) }
            return .some(
                .service(
                    DNSService(
                        priority: UInt16(word(at: begin)), weight: UInt16(word(at: begin + 2)),
                        port: UInt16(word(at: begin + 4)), target: target)))
        case 5: return .some(.alias)
        default: return .some(.none)
        }
    }

    // MARK: - Names

    /// The name at `start`, and where it ends there; its text is nil where it has bytes that no
    /// host's name has. Nil where it is no name.
    private func name(at start: Int) -> (text: String?, end: Int)? {
        var (place, end, total) = (start, 0, 0)
        var labels: [String] = []
        var isPlain = true
        while place < bytes.count {
            let length = Int(bytes[place])
            if length == 0 {
                if end == 0 { end = place + 1 }
                return (isPlain ? labels.joined(separator: ".") : nil, end)
            }
            if length >= 0xc0 {
                guard place + 1 < bytes.count else { return nil }
                if end == 0 { end = place + 2 }
                let target = word(at: place) & 0x3fff
                // Back only (RFC 1035 §4.1.4), so that it ends.
                guard target < place, target >= DNSMessage.headBytes else { return nil }
                place = target
                total += 1
            } else {
                guard length < 64, place + 1 + length <= bytes.count else { return nil }
                let label = bytes[(place + 1)...(place + length)]
                isPlain = isPlain && label.allSatisfy(DNSMessage.isHostByte)
                labels.append(String(decoding: label, as: UTF8.self))
                place += length + 1
                total += length + 1
            }
            guard total <= DNSMessage.longestName else { return nil }
        }
        return nil
    }

    private mutating func skipName() -> Bool {
        guard let (_, end) = name(at: place) else { return false }
        place = end
        return true
    }

    private mutating func advance(_ count: Int) -> Bool {
        guard place + count <= bytes.count else { return false }
        place += count
        return true
    }

    private func word(at place: Int) -> Int { Int(bytes[place]) << 8 | Int(bytes[place + 1]) }

    private func half(at place: Int) -> UInt64 {
        (0..<8).reduce(0) { $0 << 8 | UInt64(bytes[place + $1]) }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    private static let headBytes = 12
    private static let internet = 1
    /// Each jump counts as a byte, so that a chain of them ends, too.
    private static let longestName = 255
}
