/// A certificate for `localhost` and the authority that vouches for it, as files.
public struct DevelopmentCertificate: Equatable, Sendable {
    /// The authority's certificate, which clients are told to trust.
    public let authorityPath: String

    /// The chain to serve.
    public let chainPath: String

    /// The key of the chain.
    public let keyPath: String

    /// True exactly when this call made the certificate.
    public let wasCreated: Bool
}
