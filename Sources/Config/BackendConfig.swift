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

    /// Deadlines of its servers.
    public var timeouts = BackendTimeoutConfig()

    /// When a request is sent again; nil for never.
    public var retries: RetryConfig? = RetryConfig()

    /// How much of everything its servers get.
    public var limits = BackendLimitConfig()

    /// Makes the value; what is left out has its default.
    public init(
        name: String,
        servers: [ServerConfig],
        speaks: BackendProtocol = .http1
    ) {
        self.name = name
        self.servers = servers
        self.speaks = speaks
    }
}
