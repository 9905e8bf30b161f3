internal import Platform

/// When files that could not be taken in are read again, although none has changed since: what was
/// in the way may have been the machine, as where descriptors had run out.
///
/// Control thread only.
struct RenewalRetry {
    /// When they are read again; nil where nothing was refused.
    private(set) var dueAt: MonotonicTime?
    /// Why they were refused.
    private(set) var reasons: [String] = []
    private var patience = RenewalRetry.shortest

    /// Takes note of a refusal; each further one waits twice as long as the one before.
    mutating func fail(_ reasons: [String], now: MonotonicTime) {
        self.reasons = reasons
        dueAt = now + patience
        patience = min(patience * 2, RenewalRetry.longest)
    }

    /// All files were taken in.
    mutating func succeed() { self = RenewalRetry() }

    /// How long the first and every later attempt waits; each reads what has changed only.
    static let shortest = Duration.seconds(10)
    static let longest = Duration.seconds(900)
}
