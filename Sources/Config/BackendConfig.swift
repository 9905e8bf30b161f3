/// Servers that answer alike.
public struct BackendConfig: Sendable, Equatable {
    /// The name in the file, or the URL where a site gives one in place of a name.
    public var name: String

    /// The servers; at least one, none of them twice.
    public var servers: [ServerConfig]

    /// What its servers speak.
    public var speaks: BackendProtocol

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
