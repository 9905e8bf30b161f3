/// What is negotiated with clients.
public struct TLSConfig: Sendable, Equatable {
    /// What happens to a client that asks for a host of no site, or for none.
    public enum UnknownHost: String, Sendable, CaseIterable {
        /// It gets the certificate of the first site.
        case `default`
        /// It gets the alert `unrecognized_name`.
        case reject
    }

    /// Which versions, suites, groups and signature algorithms are offered.
    public var offer: TLSOffer

    /// What happens to a client that asks for a host of no site.
    public var unknownHost: UnknownHost

    /// Makes the value; what is left out has its default.
    public init(
        offer: TLSOffer = TLSOffer(),
        unknownHost: UnknownHost = .default
    ) {
        self.offer = offer
        self.unknownHost = unknownHost
    }
}
