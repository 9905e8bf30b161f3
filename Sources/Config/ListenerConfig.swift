/// One entry of `listeners`: addresses that are served alike.
public struct ListenerConfig: Sendable, Equatable {
    /// Where to listen; at least one, none of them a name.
    public var addresses: [AddressConfig]

    /// Whether clients speak TLS here.
    public var tls: Bool

    /// Whether every request is answered with a redirect to the port of the first TLS listener.
    public var redirectToHTTPS: Bool

    /// Where the entry stands in the file.
    public var mark: SourceMark

    /// Makes the value; what is left out has its default.
    public init(
        addresses: [AddressConfig],
        tls: Bool = true,
        redirectToHTTPS: Bool = false,
        mark: SourceMark = SourceMark()
    ) {
        self.addresses = addresses
        self.tls = tls
        self.redirectToHTTPS = redirectToHTTPS
        self.mark = mark
    }
}
