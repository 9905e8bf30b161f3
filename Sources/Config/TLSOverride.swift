/// What a listener or a site says about its own `TLSOffer`; what it leaves out stays as it is
/// around it.
public struct TLSOverride: Sendable, Equatable {
    /// Another policy; with it, nothing of the surrounding lists stays.
    public var policy: TLSOffer.Policy?

    /// Other versions; the inner nil stands for the policy's.
    public var versions: [TLSOffer.Version]??

    /// Other suites; the inner nil stands for the policy's.
    public var cipherSuites: [MarkedText]??

    /// Other groups; the inner nil stands for the policy's.
    public var groups: [MarkedText]??

    /// Other signature algorithms; the inner nil stands for the policy's.
    public var signatureAlgorithms: [MarkedText]??

    /// Makes the value that changes nothing.
    public init() {}

    /// True exactly when nothing is said.
    public var isEmpty: Bool { self == TLSOverride() }

    /// What is negotiated where `base` is negotiated around.
    public func applied(to base: TLSOffer) -> TLSOffer {
        // Lists that were chosen for one policy would weaken or contradict another.
        var offer = policy.map { TLSOffer(policy: $0) } ?? base
        if let versions { offer.versions = versions }
        if let cipherSuites { offer.cipherSuites = cipherSuites }
        if let groups { offer.groups = groups }
        if let signatureAlgorithms { offer.signatureAlgorithms = signatureAlgorithms }
        return offer
    }
}
