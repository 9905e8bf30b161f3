/// The tickets that early data came with, each for as long as it could come again: no ticket
/// carries early data twice (RFC 8446 §8.1).
///
/// Time is in seconds on any clock that never jumps.
struct EarlyDataUses {
    /// What a ticket is known by: a part of the hash of its secret, which no two tickets share.
    struct Ticket: Hashable, Sendable {
        let high: UInt64
        let low: UInt64
    }

    /// How many tickets are remembered at most.
    private let limit: Int
    /// When each ticket can be forgotten.
    private var ends: [Ticket: Int64] = [:]
    /// No ticket can be forgotten before.
    private var earliestEnd = Int64.max

    /// Makes an empty set.
    init(limit: Int) { self.limit = limit }

    /// How many tickets are remembered.
    var count: Int { ends.count }

    /// Takes note of a ticket that is valid for at most `lifetime` seconds more.
    ///
    /// - Returns: whether it is its first use; refused where there is no room to remember it, since
    ///   a use that is not remembered could be repeated.
    mutating func use(_ ticket: Ticket, lifetime: Int64, now: Int64) -> EarlyDataFate {
        if let end = ends[ticket], end > now { return .replayed }
        if ends.count >= limit, now >= earliestEnd { forget(endingBy: now) }
        guard ends.count < limit || ends[ticket] != nil else { return .refused }
        let end = now + max(1, lifetime)
        ends[ticket] = end
        earliestEnd = min(earliestEnd, end)
        return .accepted
    }

    /// Forgets what has ended. It looks at all of them, but once a second at most: each time ends
    /// at another second than the one before.
    private mutating func forget(endingBy now: Int64) {
        ends = ends.filter { $0.value > now }
        earliestEnd = ends.values.min() ?? .max
    }
}
