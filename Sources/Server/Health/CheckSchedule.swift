internal import Platform

/// When a server is checked next.
struct CheckSchedule {
    let interval: Duration

    /// From the begin of one check to that of the next: the interval, give or take a tenth, so that
    /// checks of many servers, and of many proxies, spread out by themselves.
    ///
    /// - Parameters:
    ///   - start: when the last check began.
    ///   - now: the present; a check that took longer than the interval is followed at once.
    ///   - chance: from 0 up to 1.
    func next(after start: MonotonicTime, now: MonotonicTime, chance: Double) -> MonotonicTime {
        let nanoseconds = Double(interval.wholeNanoseconds) * (0.9 + 0.2 * chance)
        return max(now, start + .nanoseconds(Int64(nanoseconds)))
    }
}
