/// Servers that answer alike.
public struct BackendConfig: Sendable, Equatable {
    /// The name in the file, or the URL where a site gives one in place of a name.
    public var name: String

    /// The servers; none of them twice, and none exactly when `discovery` says where they are.
    public var servers: [ServerConfig]

    /// Where its servers are found; nil where they are listed.
    public var discovery: DiscoveryConfig?

    /// Where `discovery` stands, for diagnostics.
    public var discoveryMark = SourceMark()

    /// How often names are looked up again.
    public var resolve = ResolveConfig.automatic

    /// How requests are spread over them.
    public var balancing = BalancingConfig()

    /// What its servers speak.
    public var speaks: BackendProtocol

    /// Deadlines of its servers.
    public var timeouts = BackendTimeoutConfig()

    /// When a request is sent again; nil for never.
    public var retries: RetryConfig? = RetryConfig()

    /// How much of everything its servers get.
    public var limits = BackendLimitConfig()

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
