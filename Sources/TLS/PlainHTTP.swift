/// Tells HTTP without TLS from a ClientHello by its first bytes, so that the client gets an answer
/// it can read.
enum PlainHTTP {
    /// What the first bytes are.
    enum Look: Equatable {
        /// A method and a space.
        case http
        /// Anything else.
        case other
        /// Letters of a method so far.
        case undecided
    }

    /// Looks at the first bytes: a method of capital letters and a space (RFC 9112 §3.1) is HTTP. A
    /// ClientHello begins with the byte 22 (RFC 8446 §5.1), so one comparison tells it.
    static func look(at bytes: Span<UInt8>) -> Look {
        for index in bytes.indices {
            let byte = bytes[index]
            if byte == UInt8(ascii: " ") { return index >= 3 ? .http : .other }
            guard byte >= UInt8(ascii: "A"), byte <= UInt8(ascii: "Z"), index < longestMethod else {
                return .other
            }
        }
        return .undecided
    }

    /// No registered method is longer.
    private static let longestMethod = 20
}
