public import Config
public import HTTP
public import Platform
public import TLS
public import Telemetry

/// Everything that a worker needs to serve, built completely off the workers and never changed
/// afterwards.
///
/// An exchange keeps the snapshot that it began with; when nobody does any more, `released` is
/// told, so that an old configuration that lives too long is seen.
public final class RuntimeSnapshot: Sendable {
    /// Counts the configurations that were installed, from 1.
    public let generation: UInt64
    /// What to listen on, in the order of the configuration.
    public let listeners: [ListenerPlan]
    /// Which site a host belongs to, by the same rules for SNI and for the request's host.
    public let hosts: CredentialStore
    /// The sites, in the order of the configuration.
    public let sites: [SitePlan]
    /// The backends, in the order of the configuration.
    public let groups: [UpstreamGroup]
    /// Deadlines, bounds and forwarding rules.
    public let settings: RuntimeSettings

    /// True exactly when a site is not HTTP.
    let hasTCPSites: Bool

    private let released: @Sendable (UInt64) -> Void

    /// Puts a snapshot together; `released` is called once with the generation, on whatever thread
    /// lets go last.
    public init(
        generation: UInt64, listeners: [ListenerPlan], hosts: CredentialStore,
        sites: [SitePlan], groups: [UpstreamGroup], settings: RuntimeSettings,
        released: @escaping @Sendable (UInt64) -> Void
    ) {
        self.generation = generation
        self.listeners = listeners
        self.hosts = hosts
        self.sites = sites
        hasTCPSites = sites.contains { $0.raw != nil }
        self.groups = groups
        self.settings = settings
        self.released = released
    }

    /// Puts a snapshot together; the certificates are those of `hosts` already.
    public convenience init(
        generation: UInt64, listeners: [ListenerPlan], hosts: CredentialStore,
        credentials _: [[Credential]], sites: [SitePlan], groups: [UpstreamGroup],
        settings: RuntimeSettings, released: @escaping @Sendable (UInt64) -> Void
    ) {
        self.init(
            generation: generation, listeners: listeners, hosts: hosts, sites: sites,
            groups: groups, settings: settings, released: released)
    }

    /// The same with other servers; nothing else is made anew.
    public func replacing(
        _ groups: [UpstreamGroup], generation: UInt64,
        released: @escaping @Sendable (UInt64) -> Void
    ) -> RuntimeSnapshot {
        RuntimeSnapshot(
            generation: generation, listeners: listeners, hosts: hosts, sites: sites,
            groups: groups, settings: settings, released: released)
    }

    /// The same with other contexts of TLS; nothing else is made anew.
    public func replacing(
        listeners: [ListenerPlan], generation: UInt64,
        released: @escaping @Sendable (UInt64) -> Void
    ) -> RuntimeSnapshot {
        RuntimeSnapshot(
            generation: generation, listeners: listeners, hosts: hosts, sites: sites,
            groups: groups, settings: settings, released: released)
    }

    deinit { released(generation) }
}

/// One address to listen on, and how connections that arrive there are treated.
public struct ListenerPlan: Sendable {
    /// The address as configured; port 0 lets the kernel choose.
    public let address: SocketAddress
    /// The metrics label.
    public let label: ListenerLabel
    /// The TLS context; nil for plain HTTP.
    public let tls: TLSContext?
    /// The port of the redirect to HTTPS; nil where requests are served.
    public let redirectPort: UInt16?
    /// Where the bytes of all connections go; nil where sites are served.
    public let tcp: TCPPlan?
    /// Who connects with the PROXY protocol, which everybody has to then; nil where nobody has.
    public let proxies: ProxyTrust?

    /// Describes one listener.
    public init(
        address: SocketAddress, label: ListenerLabel, tls: TLSContext?, redirectPort: UInt16?,
        proxies: ProxyTrust? = nil, tcp: TCPPlan? = nil
    ) {
        self.proxies = proxies
        self.address = address
        self.label = label
        self.tls = tls
        self.redirectPort = redirectPort
        self.tcp = tcp
    }
}

/// One site: its name in logs and metrics, and where its requests go.
public final class SitePlan: Sendable {
    /// The first of the site's hosts.
    public let name: String
    /// The metrics label.
    public let label: SiteLabel
    /// From path to backend.
    public let routes: RouteTable
    /// What responses get beside what the backend sent.
    public let fields: SiteFields
    /// Where its bytes go; nil where it has requests.
    let raw: TCPPlan?
    private let endsTLS: Bool

    /// Where the bytes go that TLS carried; nil where it is another kind of site.
    var tcp: TCPPlan? { endsTLS ? raw : nil }
    /// Where TLS goes untouched; nil where it is another kind of site.
    var passthrough: TCPPlan? { endsTLS ? nil : raw }

    /// Describes a site whose bytes are passed on: those that TLS carried, or those of TLS.
    public init(_ plan: TCPPlan, endsTLS: Bool) {
        name = plan.name
        label = plan.label
        routes = RouteTable([(path: String, group: Int)]())
        fields = .none
        raw = plan
        self.endsTLS = endsTLS
    }

    /// Describes one site.
    public init(name: String, label: SiteLabel, routes: RouteTable, fields: SiteFields = .none) {
        raw = nil
        endsTLS = true
        self.name = name
        self.label = label
        self.routes = routes
        self.fields = fields
    }
}

/// One backend: servers that are equal to each other.
public struct UpstreamGroup: Sendable {
    /// The backend's name in the configuration.
    public let name: String
    /// Its servers; none while no name of theirs could be looked up.
    public var servers: [ServerPlan]
    /// True exactly when two servers are addresses of one name.
    let hasKin: Bool
    /// What they are held to, and what becomes of requests that they fail.
    public var policy = BackendPolicy()
    /// How requests are spread over them.
    let balance: BalancePlan

    /// Describes one backend.
    public init(
        name: String, servers: [ServerPlan], balancing: BalancingConfig = BalancingConfig()
    ) {
        self.name = name
        self.servers = servers
        let kin = servers.compactMap(\.kin)
        hasKin = Set(kin).count < kin.count
        balance = BalancePlan(backend: name, servers: servers, balancing)
    }
}

/// One server of a backend.
public struct ServerPlan: Sendable {
    /// The server as configured, for logs.
    public let name: String
    /// Where to connect to.
    public let address: SocketAddress
    /// The metrics label.
    public let label: ServerLabel
    /// How many requests it gets beside others; 0 where it takes nobody new.
    public var weight = 1
    /// True exactly when it is used only where no other server accepts requests.
    public var isBackup = false
    /// What it speaks.
    public let speaks: BackendProtocol
    /// What it is asked as, host and port, where its name is a number among the addresses of one.
    public var host: String?
    /// The same for all servers of a group that are addresses of one name.
    public var kin: Int?
    /// What a worker that has not met the server yet takes to be known of it.
    public var standing = ServerStanding()
    /// When the server is reported for how it answers requests; nil for never.
    public var outliers: OutlierConfig?
    /// How TLS is spoken with it; nil where it is not.
    public let tls: ServerTLS?
    /// The header that each connection to it begins with; nil for none.
    public let proxyHeader: ProxyVersion?

    /// Describes one server.
    public init(
        name: String, address: SocketAddress, label: ServerLabel, speaks: BackendProtocol = .http1,
        tls: ServerTLS? = nil, proxyHeader: ProxyVersion? = nil
    ) {
        self.tls = tls
        self.proxyHeader = proxyHeader
        self.name = name
        self.address = address
        self.label = label
        self.speaks = speaks
    }

    /// True exactly when nothing is different about a server for those who are to be served.
    public func isServed(like other: ServerPlan) -> Bool {
        name == other.name && key == other.key && weight == other.weight
            && isBackup == other.isBackup && host == other.host && kin == other.kin
    }

    /// What makes two pooled connections interchangeable.
    var key: UpstreamKey {
        UpstreamKey(
            address: address, label: label, speaks: speaks, tlsIdentity: tls?.context.identity,
            serverName: tls?.serverName, proxyHeader: proxyHeader)
    }
}

/// The identity of a pooled upstream connection: the explicit list of everything that must be equal
/// before a request may travel on a connection that another request opened.
struct UpstreamKey: Hashable, Sendable {
    let address: SocketAddress
    let label: ServerLabel
    let speaks: BackendProtocol
    /// Whom TLS trusts, what it shows and what it offers; nil where it is not spoken.
    let tlsIdentity: [UInt8]?
    /// The name that the server's certificate is for.
    let serverName: String?
    /// What each connection begins with.
    let proxyHeader: ProxyVersion?
}
