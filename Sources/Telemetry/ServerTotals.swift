/// What all workers together know of one server.
public struct ServerTotals: Sendable, Equatable {
    /// Requests given to it.
    public var requests: UInt64 = 0
    /// Attempts that failed through it.
    public var failures: UInt64 = 0
    /// Connections that serve a request now.
    public var active = 0
    /// Connections that wait to be used again.
    public var idle = 0
    /// False exactly when its checks have found it down, or the latest attempt to connect to it
    /// failed where it is not checked, or it is ejected.
    public var isUp = true
}
