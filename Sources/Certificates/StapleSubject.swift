public import TLS

/// A certificate in service that is, or ought to be, stapled.
public struct StapleSubject: Sendable {
    /// The site that shows it.
    public let site: String
    /// The certificate, in whose slot the staple lies.
    public let credential: Credential
    /// Where its responses come from; nil if a file of the operator is stapled.
    public let url: String?

    /// Describes a certificate of a site.
    public init(site: String, credential: Credential, url: String?) {
        self.site = site
        self.credential = credential
        self.url = url
    }
}
