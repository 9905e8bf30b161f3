/// How often something may happen: `burst` times at once, and `perSecond` times in the long run.
public struct HTTP2Budget: Sendable, Equatable {
    /// How many are let through at once.
    public var burst: Int
    /// How many are let through each second.
    public var perSecond: Int

    /// Sets the budget.
    public init(burst: Int, perSecond: Int) {
        self.burst = burst
        self.perSecond = perSecond
    }
}

/// What is left of a budget; the clock is told, not read.
struct HTTP2Allowance: Sendable {
    private let budget: HTTP2Budget
    /// In thousandths, so that no time is lost between two calls.
    private var left: Int
    private var filledAt: Int64

    /// Begins with the whole burst.
    init(_ budget: HTTP2Budget, milliseconds: Int64) {
        self.budget = budget
        left = budget.burst * 1000
        filledAt = milliseconds
    }

    /// Takes one; false exactly when nothing is left.
    mutating func take(milliseconds: Int64) -> Bool {
        let elapsed = Int(clamping: min(max(milliseconds - filledAt, 0), 3_600_000))
        if elapsed > 0 {
            left = min(budget.burst * 1000, left + elapsed * budget.perSecond)
            filledAt = milliseconds
        }
        guard left >= 1000 else { return false }
        left -= 1000
        return true
    }
}
