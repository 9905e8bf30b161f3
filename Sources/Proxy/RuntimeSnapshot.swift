public import Config
public import HTTP
public import Platform
public import TLS
public import Telemetry

/// Everything that a worker needs to serve, built completely off the workers and never changed
/// afterwards.
///
/// An exchange keeps the snapshot that it began with; when the last one lets go, `released` is
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
    /// Who connects with the PROXY protocol, which everybody has to then; nil where nobody has.
    public let proxies: ProxyTrust?

    /// Describes one listener.
    public init(
        address: SocketAddress, label: ListenerLabel, tls: TLSContext?, redirectPort: UInt16?,
        proxies: ProxyTrust? = nil
    ) {
        self.proxies = proxies
        self.address = address
        self.label = label
        self.tls = tls
        self.redirectPort = redirectPort
    }
}

/// One site: its name in logs and metrics, and where its requests go.
public struct SitePlan: Sendable {
    /// The first of the site's hosts.
    public let name: String
    /// The metrics label.
    public let label: SiteLabel
    /// From path to backend.
    public let routes: RouteTable
    /// What responses get beside what the backend sent.
    public let fields: SiteFields

    /// Describes one site.
    public init(name: String, label: SiteLabel, routes: RouteTable, fields: SiteFields = .none) {
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
    /// Its servers, at least one.
    public var servers: [ServerPlan]
    /// How requests are spread over them.
    let balance: BalancePlan

    /// Describes one backend.
    public init(
        name: String, servers: [ServerPlan], balancing: BalancingConfig = BalancingConfig()
    ) {
        self.name = name
        self.servers = servers
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
