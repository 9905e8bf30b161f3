/// How much of everything the servers of one backend get.
public struct BackendLimitConfig: Sendable, Equatable {
    /// Connections to each server; nil for any number.
    public var connections: Int?

    /// Requests under way at each server; nil for any number.
    public var requests: Int?

    /// Requests of the backend that wait for a connection to be made; nil for any number.
    public var pending: Int?

    /// Requests of the backend that wait where all servers are full.
    public var queue: Int

    /// How long one of them waits.
    public var queueTimeout: Duration

    /// Makes the value; what is left out has its default.
    public init(
        connections: Int? = nil,
        requests: Int? = nil,
        pending: Int? = nil,
        queue: Int = 0,
        queueTimeout: Duration = .seconds(5)
    ) {
        self.connections = connections
        self.requests = requests
        self.pending = pending
        self.queue = queue
        self.queueTimeout = queueTimeout
    }
}
