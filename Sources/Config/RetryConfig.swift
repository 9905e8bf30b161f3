/// When a request is sent to a server again.
public struct RetryConfig: Sendable, Equatable {
    /// How many further attempts a request gets; nil for what `upstream.retries` says.
    public var attempts: Int?

    /// What an attempt may have failed by.
    public var causes: [RetryCause]

    /// How many percent of the backend's requests may be further attempts; nil for any number.
    public var budget: Int?

    /// How many bytes of a request's body are kept so that they can be sent again.
    public var body: Int

    /// How long a request that no server has taken a connection of waits for one that does.
    public var wait: Duration

    /// Makes the value; what is left out has its default.
    public init(
        attempts: Int? = nil,
        causes: [RetryCause] = [.connect, .reset],
        budget: Int? = 20,
        body: Int = 65_536,
        wait: Duration = .zero
    ) {
        self.attempts = attempts
        self.causes = causes
        self.budget = budget
        self.body = body
        self.wait = wait
    }
}
