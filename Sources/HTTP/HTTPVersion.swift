/// The versions of HTTP/1 that are spoken (RFC 9112 §2.3).
public enum HTTPVersion: Sendable {
    /// HTTP/1.0
    case http10
    /// HTTP/1.1
    case http11
}
