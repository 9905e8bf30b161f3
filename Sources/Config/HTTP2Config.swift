/// What clients that speak HTTP/2 are told and held to.
public struct HTTP2Config: Sendable, Equatable {
    /// Requests of one connection at a time.
    public var concurrentStreams = 128

    /// Bytes of a body that a client may send ahead on one stream.
    public var streamWindow = 262_144

    /// Bytes of bodies that a client may send ahead on all streams together.
    public var connectionWindow = 1_048_576

    /// Bytes of the table from which fields are decoded.
    public var headerTable = 4096

    /// Bytes of the heads of all requests of one connection together.
    public var heldHeads = 1_048_576

    /// What may happen how often.
    public var budgets = HTTP2BudgetConfig()

    /// Takes the defaults.
    public init() {}
}
