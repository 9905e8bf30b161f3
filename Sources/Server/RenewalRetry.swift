internal import Platform

/// When files that could not be taken in are read again, although none has changed since: what was
/// in the way may have been the machine, as where descriptors had run out.
///
/// Control thread only.
struct RenewalRetry {
    /// When they are read again; nil where nothing was refused.
    private(set) var dueAt: MonotonicTime?
    /// Why they were refused.
    private(set) var reasons: Set<String> = []
    /// True exactly when all that does load is served.
    var isSalvaged = false
    private var patience = RenewalRetry.shortest

    /// Takes note of a refusal; each further one for the same reasons waits twice as long as the
    /// one before.
    mutating func fail(_ reasons: Set<String>, now: MonotonicTime) {
        let isNews = !reasons.isSubset(of: self.reasons)
        self.reasons = reasons
        if isNews { patience = RenewalRetry.shortest }
        // A file that has changed meanwhile does not put off what is to be read again.
        if !isNews, let dueAt, now < dueAt { return }
        dueAt = now + patience
        patience = min(patience * 2, RenewalRetry.longest)
    }

    /// All files were taken in.
    mutating func succeed() { self = RenewalRetry() }

    /// How long the first attempt waits, and any at most: each reads all files but certificates.
    static let shortest = Duration.seconds(10)
    static let longest = Duration.seconds(900)
}
