internal import Bytes

/// The host and port of a request (RFC 3986 §3.2), without user information.
enum Authority {
    /// How many bytes of the authority are the host; nil if it is malformed or empty.
    static func hostLength(_ text: Span<UInt8>) -> Int? {
        guard !text.isEmpty else { return nil }
        var end = 0
        if text[0] == UInt8(ascii: "[") {
            guard let bracket = text.firstIndex(of: UInt8(ascii: "]")),
                IPv6Text.isAddress(text.extracting(1..<bracket))
            else { return nil }
            end = bracket + 1
        } else {
            let characters = nameCharacters
            while end < text.count, characters.contains(text[end]) { end += 1 }
            guard end > 0 else { return nil }
        }
        if end == text.count { return end }
        guard text[end] == UInt8(ascii: ":"), text.count - end <= 6 else { return nil }
        var port = 0
        let digits = ByteSet.digits
        for index in (end + 1)..<text.count {
            guard digits.contains(text[index]) else { return nil }
            port = port * 10 + Int(text[index] - 0x30)
        }
        return port <= 0xffff ? end : nil
    }

    /// What host names are made of; the other bytes that RFC 3986 §3.2.2 allows name no host on any
    /// network, and are taken for an attempt to be understood differently by someone behind us.
    private static let nameCharacters = ByteSet(
        "-._~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
}
