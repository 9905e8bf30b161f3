/// What is negotiated with clients: a policy, and lists that stand in place of its own.
///
/// The lists are names as the operator wrote them; what they mean is for those to judge who have
/// the library.
public struct TLSOffer: Sendable, Equatable {
    /// The recommendations of Mozilla by name.
    public enum Policy: String, Sendable, CaseIterable {
        /// TLS 1.3 only.
        case modern
        /// TLS 1.2 and 1.3.
        case intermediate
    }

    /// A version of the protocol; older ones are not spoken (RFC 8996).
    public enum Version: String, Sendable, CaseIterable {
        /// RFC 5246.
        case tls12 = "TLSv1.2"
        /// RFC 8446.
        case tls13 = "TLSv1.3"
    }

    /// Where the lists come from that are nil.
    public var policy: Policy

    /// The versions that are spoken; nil for the policy's.
    public var versions: [Version]?

    /// The suites of all versions, best first; nil for the policy's.
    public var cipherSuites: [MarkedText]?

    /// The groups of the key exchange, best first; nil for the policy's.
    public var groups: [MarkedText]?

    /// The signature algorithms, best first; nil for the policy's.
    public var signatureAlgorithms: [MarkedText]?

    /// Makes the value; what is left out has its default.
    public init(
        policy: Policy = .intermediate,
        versions: [Version]? = nil,
        cipherSuites: [MarkedText]? = nil,
        groups: [MarkedText]? = nil,
        signatureAlgorithms: [MarkedText]? = nil
    ) {
        self.policy = policy
        self.versions = versions
        self.cipherSuites = cipherSuites
        self.groups = groups
        self.signatureAlgorithms = signatureAlgorithms
    }
}
