public import Config

/// When a request is sent to a server of a backend again.
public struct RetryPolicy: Sendable, Equatable {
    /// How many further attempts a request gets; nil for what `upstream.retries` says.
    public var attempts: Int?
    /// What an attempt may have failed by.
    public var causes: RetryCauses
    /// How many percent of the requests may be further attempts; nil for any number.
    public var budget: Int?
    /// How many bytes of a body are kept so that they can be sent again.
    public var bodyBytes: Int
    /// How long a request is held that no server has taken a connection of; zero for not at all.
    public var wait: Duration

    /// Takes over what was configured; nil for never.
    public init(_ config: RetryConfig?) {
        guard let config else {
            attempts = 0
            causes = []
            budget = 0
            bodyBytes = 0
            wait = .zero
            return
        }
        attempts = config.attempts
        causes = RetryCauses(config.causes)
        budget = config.budget
        bodyBytes = config.body
        wait = config.wait
    }
}
