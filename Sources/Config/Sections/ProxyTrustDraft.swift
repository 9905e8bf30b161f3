/// The `proxy_protocol` of a listener.
struct ProxyTrustDraft: Sendable {
    /// The proxies that are believed.
    var from: [AddressBlock] = []

    /// The keys of `proxy_protocol` in an entry of `listeners`.
    static let shape = Shape(
        ProxyTrustDraft(),
        keys: [Key("from", \.from, .list(of: .addressBlock), required: true)])
}
