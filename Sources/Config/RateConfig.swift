/// How often something may happen: `burst` times at once, `perSecond` times in the long run.
public struct RateConfig: Sendable, Equatable {
    /// How many are let through at once.
    public var burst: Int

    /// How many are let through each second.
    public var perSecond: Int

    /// Sets the rate.
    public init(burst: Int, perSecond: Int) {
        self.burst = burst
        self.perSecond = perSecond
    }
}
