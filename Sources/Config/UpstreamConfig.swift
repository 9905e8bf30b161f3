/// How connections to backends are used.
public struct UpstreamConfig: Sendable, Equatable {
    /// Connections kept for later requests, per worker and server.
    public var idleConnections: Int

    /// How often a request that may be repeated is sent again after a failure.
    public var retries: Int

    /// How many requests may be under way on a connection to a server that speaks HTTP/2.
    public var streamsPerConnection: Int

    /// Makes the value; what is left out has its default.
    public init(
        idleConnections: Int = 256,
        retries: Int = 1,
        streamsPerConnection: Int = 100
    ) {
        self.idleConnections = idleConnections
        self.retries = retries
        self.streamsPerConnection = streamsPerConnection
    }
}
