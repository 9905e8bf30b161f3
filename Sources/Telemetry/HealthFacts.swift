/// What the control plane says of the health of servers and backends.
public struct HealthFacts: Sendable {
    /// What is said of one server.
    public struct Server: Sendable {
        /// False exactly when checks have found it down; nil where it is not checked.
        public var isUp: Bool?
        /// True exactly when it is left out because of how it answered requests.
        public var isEjected = false
        /// How many checks ended how.
        public var checks: [HealthCheckResult: UInt64] = [:]
        /// How often it was left out, and why.
        public var ejections: [EjectionCause: UInt64] = [:]

        /// Nothing is known of it.
        public init() {}
    }

    /// By the number of the server's label.
    private(set) var servers: [UInt32: Server] = [:]
    /// By the backend's name, true exactly when all its servers are used although few are well.
    public var panics: [String: Bool] = [:]

    /// Nothing is known.
    init() {}

    /// What is said of a server.
    public subscript(_ server: ServerLabel) -> Server {
        get { servers[server.index] ?? Server() }
        set { servers[server.index] = newValue }
    }

    /// Forgets all servers and backends but these.
    public mutating func keep(_ labels: [ServerLabel], backends: [String]) {
        let numbers = Set(labels.map(\.index))
        servers = servers.filter { numbers.contains($0.key) }
        let names = Set(backends)
        panics = panics.filter { names.contains($0.key) }
    }
}
