internal import Config
internal import HTTP
internal import Platform
internal import Proxy
internal import TLS
internal import Telemetry

/// One server that is looked after.
struct HealthSubject: Sendable, Equatable {
    let label: ServerLabel
    let backend: String
    /// As configured, for logs.
    let name: String
    var address: SocketAddress
    /// What it is asked as where its name is not that.
    var host: String?
    /// How TLS is spoken with it; nil where it is not.
    var tls: ServerTLS?
    /// The header that each connection to it begins with; nil for none.
    var proxyHeader: ProxyVersion?
    /// What is spoken with it.
    var speaks = BackendProtocol.http1

    /// The server by another port, where neither TLS is spoken nor the PROXY protocol.
    func plain(port: Int, speaks: BackendProtocol) -> HealthSubject {
        var subject = self
        subject.address = address.with(port: UInt16(clamping: port))
        subject.tls = nil
        subject.proxyHeader = nil
        subject.speaks = speaks
        return subject
    }

    /// The same server, reached in the same way.
    static func == (left: HealthSubject, right: HealthSubject) -> Bool {
        left.label == right.label && left.backend == right.backend && left.name == right.name
            && left.address == right.address && left.host == right.host
            && left.proxyHeader == right.proxyHeader
            && left.speaks == right.speaks
            && left.tls?.context.identity == right.tls?.context.identity
            && left.tls?.serverName == right.tls?.serverName
    }
}
