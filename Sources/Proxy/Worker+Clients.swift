internal import Bytes
internal import TLS

extension Worker {
    /// What stands against a request, as far as certificates of clients go.
    mutating func objection(
        to connection: DownstreamConnection, asking policy: ClientVerification?
    ) -> ProxyError? {
        guard let policy else { return nil }
        guard connection.isTLS else {
            // Who can come without TLS cannot show anything.
            return policy.allows(nil) ? nil : ProxyError(.clientCertificateMissing)
        }
        switch connection.tls?.standing(under: policy) {
        case .accepted: return nil
        case .forbidden: return ProxyError(.clientNotAllowed)
        case .misdirected, nil: return ProxyError(.misdirectedClient)
        }
    }

    /// What the backend of an exchange is told of the client's certificate; nothing where the site
    /// does not ask for one.
    mutating func clientLines(_ exchange: Exchange, _ connection: DownstreamConnection) -> [UInt8] {
        guard let hosts = exchange.installed?.snapshot.hosts, let site = exchange.site,
            hosts.clientVerification(of: site) != nil, connection.isTLS
        else { return [] }
        if let known = connection.clientLines { return known }
        let lines = ClientFields.lines(of: connection.tls?.clientIdentity)
        connection.clientLines = lines
        return lines
    }
}
