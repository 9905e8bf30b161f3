public import Config

/// How often something may happen: so often in the long run, and so often at once after a pause.
///
/// A bucket of tokens in its shortest form: all that has to be remembered is until when the
/// tokens that were taken are paid for (the generic cell rate algorithm).
public struct Rate: Sendable, Equatable {
    /// The time in which one token comes, in nanoseconds.
    let interval: Int64
    /// How far ahead tokens may be taken, in nanoseconds.
    let tolerance: Int64

    /// Makes a rate; both numbers are 1 or more.
    public init(perSecond: Int, burst: Int) {
        interval = 1_000_000_000 / Int64(max(1, perSecond))
        tolerance = interval * Int64(max(1, burst) - 1)
    }

    /// Makes the rate that the configuration asks for.
    public init(_ config: RateConfig) {
        self.init(perSecond: config.perSecond, burst: config.burst)
    }

    /// Takes a token from a bucket whose tokens are paid for at `paidAt`, both in nanoseconds.
    ///
    /// - Returns: how long to wait for the next one; zero exactly when one was taken.
    func take(from paidAt: inout Int64, now: Int64) -> Int64 {
        let wait = paidAt - now - tolerance
        guard wait <= 0 else { return wait }
        paidAt = max(paidAt, now) + interval
        return 0
    }
}
