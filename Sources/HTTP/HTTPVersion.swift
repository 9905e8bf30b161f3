/// The versions of HTTP that are spoken (RFC 9112 §2.3, RFC 9113).
public enum HTTPVersion: Sendable {
    /// HTTP/1.0
    case http10
    /// HTTP/1.1
    case http11
    /// HTTP/2
    case http2
}
