/// What the servers of a backend speak.
public enum BackendProtocol: String, Sendable, CaseIterable {
    /// HTTP/1.1, one request at a time on each connection.
    case http1 = "http/1.1"
    /// HTTP/2 in cleartext with prior knowledge (RFC 9113 §3.3), many requests on each connection.
    case h2c
    /// HTTP/2 over TLS (RFC 9113 §3.2), many requests on each connection.
    case h2

    /// True exactly when connections are shared by many requests.
    public var isHTTP2: Bool { self != .http1 }
}
