/// When a server is left out for a while because of how it answers requests.
public struct OutlierConfig: Sendable, Hashable {
    /// How many requests in a row must fail.
    public var consecutiveFailures = 5
    /// Or which share of requests in percent; nil for any.
    public var errorRate: Int?
    /// How long it is left out the first time.
    public var ejection = Duration.seconds(10)
    /// How long it is left out at most.
    public var maxEjection = Duration.seconds(300)
    /// Which share of the backend's servers in percent is never left out.
    public var minimumShare = 50

    /// Makes the value with its defaults.
    public init() {}
}
