internal import Platform

/// How long a server takes to begin its answers, as a moving average that believes bad news at once
/// and good news slowly, and forgets while nothing is heard.
struct Latency: Equatable, Sendable {
    private var average: Int64 = 0
    private var updatedAt = MonotonicTime(nanoseconds: 0)

    /// The average in nanoseconds at this moment; 0 exactly when nothing is known.
    func value(now: MonotonicTime) -> Int64 {
        guard average > 0 else { return 0 }
        let age = max(0, now.nanoseconds &- updatedAt.nanoseconds)
        let halvings = age / Latency.halfLife
        guard halvings < 40 else { return 1 }
        let whole = average >> halvings
        // Between two halvings the way is straight.
        let part = Double(age % Latency.halfLife) / Double(Latency.halfLife)
        return max(1, whole - Int64(Double(whole / 2) * part))
    }

    /// Takes in that an answer began after `nanoseconds`, or has not begun by then.
    mutating func add(_ nanoseconds: Int64, now: MonotonicTime) {
        let known = value(now: now)
        if nanoseconds >= known {
            average = max(1, nanoseconds)
        } else {
            average = max(1, known - (known - nanoseconds) / Latency.smoothing)
        }
        updatedAt = now
    }

    /// Takes in that no answer had begun after `nanoseconds`, which is news only if it is long.
    mutating func atLeast(_ nanoseconds: Int64, now: MonotonicTime) {
        if nanoseconds > value(now: now) { add(nanoseconds, now: now) }
    }

    /// A server that was slow once is tried again within a minute.
    static let halfLife: Int64 = 5_000_000_000
    /// One in so many parts is what a single good answer counts.
    static let smoothing: Int64 = 8
}
