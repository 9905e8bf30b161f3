/// What the clients of a site speak.
public enum SiteProtocol: String, Sendable, CaseIterable {
    /// HTTP, whose requests are routed.
    case http
    /// Anything over TLS, which ends here; its bytes are passed on.
    case tcp
    /// TLS that passes untouched to a server that ends it.
    case passthrough
}
