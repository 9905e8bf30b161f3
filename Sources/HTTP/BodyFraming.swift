/// How the end of a message's body is known (RFC 9112 §6.3).
public enum BodyFraming: Equatable, Sendable {
    /// There is no body.
    case none
    /// The body has so many bytes.
    case length(Int64)
    /// The body comes in chunks (RFC 9112 §7.1).
    case chunked
    /// The body ends with the connection; responses only.
    case untilClose
}
