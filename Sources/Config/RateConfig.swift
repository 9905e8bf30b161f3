/// How often something may happen: a bucket of tokens that fills at a steady rate.
public struct RateConfig: Sendable, Equatable {
    /// How many tokens come in a second.
    public var perSecond: Int

    /// How many tokens the bucket holds: what may happen at once after a pause.
    public var burst: Int

    /// Makes the value.
    public init(perSecond: Int, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
    }
}
