internal import HTTP

/// What a proxy in front has told of a client beyond its addresses, for servers to be told, too.
///
/// An object of its own, since few connections have one; `ProxyHeader.keptBytes` bounds it.
final class ToldFacts {
    /// The header that came.
    private let header: ProxyHeader

    /// Keeps what a header says; nil where it says nothing but addresses.
    init?(_ header: ProxyHeader) {
        guard header.hasValues else { return nil }
        self.header = header
    }

    /// Tells it on, but for what is known here at first hand: of TLS that ends here, what the proxy
    /// in front says is about another connection. A checksum is replaced by one of our own.
    func tell(in told: inout ProxyHeader, endsTLS: Bool) {
        told.others = header.others
        told.hasChecksum = header.hasChecksum
        guard !endsTLS else { return }
        told.applicationProtocol = header.applicationProtocol
        if told.authority.isEmpty { told.authority = header.authority }
        told.tls = header.tls
    }
}
