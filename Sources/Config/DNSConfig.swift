/// Who is asked for the addresses of names.
public struct DNSConfig: Sendable, Equatable {
    /// The name servers, three at most; empty for those of the system.
    public var servers: [AddressConfig]

    /// Makes the value; what is left out has its default.
    public init(servers: [AddressConfig] = []) { self.servers = servers }
}
