import Config
import HTTP
import Platform
import TLS
import Telemetry

@testable import Proxy

/// What a test lets a worker serve: a plain listener, or one with TLS where a site has a
/// certificate.
struct WorkerSetup {
    /// One site of a test: its hosts, its certificate and the servers behind it.
    struct Site {
        var hosts = ["localhost"]
        var credential: Credential?
        var servers: [SocketAddress] = []
        var requestRate: RateLimit?
        var speaks = BackendProtocol.http1
        /// True where the servers are addresses of one name.
        var areKin = false
        var policy = BackendPolicy()
        var tls: ServerTLS?
        var proxyHeader: ProxyVersion?
        var rules: RouteRules?
        /// False where the site has early data off, whatever `earlyData` is.
        var takesEarlyData = true
        /// Further routes with rules of their own.
        var apart: [(path: String, rules: RouteRules)] = []
    }

    var sites: [Site] = [Site()]
    /// What clients may choose by ALPN.
    var protocols = ["http/1.1"]
    var redirectPort: UInt16?
    /// Who connects with the PROXY protocol.
    var proxies: [AddressBlock]?
    /// The site whose servers get all bytes of the listener.
    var tcp: Int?
    var timeouts = TimeoutConfig()
    var earlyData: EarlyDataGate?
    var change: (inout RuntimeSettings) -> Void = { _ in }

    /// Opens a listener on a port that the kernel chooses.
    static func listen() throws -> ListenerSocket {
        let wanted = SocketAddress.ipv4(0x7f00_0001, port: 0)
        let socket = try Socket.listen(on: wanted, reusePort: true, backlog: 1_024)
        let address = socket.localAddress() ?? wanted
        return ListenerSocket(socket, address: address)
    }

    /// Puts together what the worker is given.
    func snapshot(
        _ registry: MetricsRegistry, at address: SocketAddress, generation: UInt64,
        released: @escaping @Sendable (UInt64) -> Void
    ) throws -> RuntimeSnapshot {
        let store = CredentialStore(
            sites: sites.enumerated().map { index, site in
                .init(
                    hosts: site.hosts, credentials: site.credential.map { [$0] } ?? [],
                    index: index, allowsEarlyData: earlyData != nil && site.takesEarlyData)
            }, defaultSite: nil, rejectsUnknownHosts: false)
        var context: TLSContext?
        if sites.contains(where: { $0.credential != nil }) {
            context = try TLSContext(
                store: store, policy: .intermediate, alpn: protocols, ticketKeys: TicketKeys(),
                earlyData: earlyData)
        }
        let plan = ListenerPlan(
            address: address, label: registry.listener("test"), tls: context,
            redirectPort: redirectPort, proxies: proxies.map { ProxyTrust($0) },
            tcp: tcp.map { TCPPlan(name: "tcp", label: registry.site("tcp"), group: $0) })
        return RuntimeSnapshot(
            generation: generation, listeners: [plan], hosts: store,
            sites: sites.enumerated().map { index, site in
                SitePlan(
                    name: site.hosts[0], label: registry.site(site.hosts[0]),
                    routes: RouteTable(
                        site.servers.isEmpty && site.rules?.action == nil
                            ? []
                            : [
                                (
                                    path: "/",
                                    route: .init(
                                        group: site.servers.isEmpty ? nil : index,
                                        requestRate: site.requestRate, rules: site.rules)
                                )
                            ]
                                + site.apart.map {
                                    (path: $0.path, route: .init(group: index, rules: $0.rules))
                                }))
            }, groups: groups(registry), settings: settings, released: released)
    }

    private func groups(_ registry: MetricsRegistry) -> [UpstreamGroup] {
        sites.enumerated().map { index, site in
            let servers = site.servers.map { server in
                var plan = ServerPlan(
                    name: "\(server)", address: server,
                    label: registry.server(backend: "group\(index)", server: "\(server)"),
                    speaks: site.speaks, tls: site.tls, proxyHeader: site.proxyHeader)
                plan.kin = site.areKin ? 0 : nil
                return plan
            }
            var group = UpstreamGroup(name: "group\(index)", servers: servers)
            group.policy = site.policy
            return group
        }
    }

    private var settings: RuntimeSettings {
        var settings = RuntimeSettings(
            timeouts: timeouts, requestLimits: MessageLimits(), responseLimits: MessageLimits(),
            forwarding: ForwardingRules(ForwardingConfig()))
        change(&settings)
        return settings
    }
}
