/// What is done for the clients of a site.
public enum SiteService: Sendable, Equatable {
    /// Requests are answered.
    case http
    /// TLS ends here, and what it carried is passed on.
    case tcp
    /// TLS passes untouched to a server that ends it.
    case passthrough
}
