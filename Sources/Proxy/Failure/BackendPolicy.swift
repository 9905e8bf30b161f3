public import Config

/// What a backend's servers are held to, and what becomes of a request that they fail.
public struct BackendPolicy: Sendable, Equatable {
    /// Deadlines; nil for those of all backends.
    public var timeouts: BackendTimeoutConfig
    /// When a request is sent again.
    public var retries: RetryPolicy
    /// How much of everything there may be in one worker.
    public var limits: BackendLimitConfig

    /// Takes over what was configured; each worker has its share of the limits.
    public init(
        timeouts: BackendTimeoutConfig = BackendTimeoutConfig(),
        retries: RetryConfig? = RetryConfig(),
        limits: BackendLimitConfig = BackendLimitConfig(), workers: Int = 1
    ) {
        self.timeouts = timeouts
        self.retries = RetryPolicy(retries)
        func share(_ number: Int) -> Int { (number + workers - 1) / workers }
        self.limits = limits
        self.limits.connections = limits.connections.map(share)
        self.limits.requests = limits.requests.map(share)
        self.limits.pending = limits.pending.map(share)
        self.limits.queue = share(limits.queue)
    }
}
