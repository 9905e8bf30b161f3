/// Servers that answer alike.
public struct BackendConfig: Sendable, Equatable {
    /// The name in the file, or the URL where a site gives one in place of a name.
    public var name: String

    /// The servers; at least one, none of them twice.
    public var servers: [ServerConfig]

    /// How requests are spread over them.
    public var balancing = BalancingConfig()

    /// What its servers speak.
    public var speaks: BackendProtocol

    /// How its servers are checked; nil for not at all.
    public var health: HealthConfig?

    /// When its servers are left out for how they answer requests; nil for never.
    public var outliers: OutlierConfig?

    /// All servers are used where fewer than this share in percent are well; 0 for never.
    public var panicThreshold = 0

    /// How TLS is spoken with its servers; nil where it is not.
    public var tls: BackendTLSConfig?

    /// The header of the PROXY protocol that each connection to a server begins with.
    public var proxyHeader: ProxyHeaderConfig

    /// Makes the value; what is left out has its default.
    public init(
        name: String,
        servers: [ServerConfig],
        speaks: BackendProtocol = .http1,
        tls: BackendTLSConfig? = nil,
        proxyHeader: ProxyHeaderConfig = .off
    ) {
        self.tls = tls
        self.proxyHeader = proxyHeader
        self.name = name
        self.servers = servers
        self.speaks = speaks
    }
}
