/// How requests are spread over the servers of a backend.
public struct BalancingConfig: Sendable, Equatable {
    /// Whose turn it is.
    public var method: BalanceMethod

    /// How clients stay with their servers; nil where they do not.
    public var affinity: AffinityConfig?

    /// Over what time a server that has come up gets to its full share; nil for at once.
    public var slowStart: Duration?

    /// Makes the value; what is left out has its default.
    public init(
        method: BalanceMethod = .roundRobin,
        affinity: AffinityConfig? = nil,
        slowStart: Duration? = nil
    ) {
        self.method = method
        self.affinity = affinity
        self.slowStart = slowStart
    }
}
