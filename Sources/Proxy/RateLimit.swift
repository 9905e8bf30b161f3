public import Config

/// A rate that each client address is held to, and what tells its buckets from those of others.
public struct RateLimit: Sendable, Equatable {
    /// The rate.
    let rate: Rate
    /// The same over reloads: who has used up a bucket does not get a new one by a reload.
    let id: Int

    /// Makes a limit; nil where the configuration sets none.
    ///
    /// - Parameter name: what is limited, unlike any other.
    public init?(_ config: RateConfig?, name: String...) {
        guard let config else { return nil }
        rate = Rate(config)
        id = name.hashValue
    }
}
