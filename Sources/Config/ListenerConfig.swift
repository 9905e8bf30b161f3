/// One entry of `listeners`: addresses that are served alike.
public struct ListenerConfig: Sendable, Equatable {
    /// Where to listen; at least one, none of them a name.
    public var addresses: [AddressConfig]

    /// Whether clients speak TLS here.
    public var tls: Bool

    /// What is negotiated here: what the whole file says, unless the entry says otherwise.
    public var offer: TLSOffer

    /// Whether HTTP/2 is offered where TLS is spoken (RFC 9113 §3.2).
    public var http2: Bool

    /// Whether every request is answered with a redirect to the port of the first TLS listener.
    public var redirectToHTTPS: Bool

    /// Who connects with the PROXY protocol, which everybody has to then; nil where nobody has.
    public var proxies: [AddressBlock]?

    /// Where the entry stands in the file.
    public var mark: SourceMark

    /// Makes the value; what is left out has its default.
    public init(
        addresses: [AddressConfig],
        tls: Bool = true,
        offer: TLSOffer = TLSOffer(),
        http2: Bool = true,
        redirectToHTTPS: Bool = false,
        proxies: [AddressBlock]? = nil,
        mark: SourceMark = SourceMark()
    ) {
        self.addresses = addresses
        self.tls = tls
        self.offer = offer
        self.http2 = http2
        self.redirectToHTTPS = redirectToHTTPS
        self.proxies = proxies
        self.mark = mark
    }
}
