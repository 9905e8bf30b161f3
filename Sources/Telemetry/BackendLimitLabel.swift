/// A limit of a backend that a request met: the closed list of what
/// `martlet_upstream_limits_total` tells apart.
public enum BackendLimitLabel: UInt8, Sendable, CaseIterable {
    /// Its servers had as many connections as they may have.
    case connections
    /// Its servers had as many requests as they may have.
    case requests
    /// As many requests waited for a connection to be made as may.
    case pending
    /// As many requests waited for a server as may.
    case queue
    /// A request waited for a server for too long.
    case queueTimeout
    /// There were as many further attempts as may be.
    case retryBudget

    /// As logs and metrics write it.
    public var label: StaticString {
        switch self {
        case .connections: "connections"
        case .requests: "requests"
        case .pending: "pending"
        case .queue: "queue"
        case .queueTimeout: "queue_timeout"
        case .retryBudget: "retry_budget"
        }
    }
}
