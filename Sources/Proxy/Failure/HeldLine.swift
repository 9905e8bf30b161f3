internal import Platform

/// Requests of one backend that no server has taken a connection of, in the order of their last
/// attempts.
///
/// All of them go on when a server is back, a batch at a time; until then one after the other looks
/// whether it is.
struct HeldLine {
    private var line = WaitingLine<Exchange>()
    /// No later than anybody's deadline.
    private var soonestEnd = MonotonicTime.distantFuture
    /// From when on deadlines are looked at again.
    private var mayEndAt = MonotonicTime(nanoseconds: 0)
    /// When the next one looks.
    private var nextProbe = MonotonicTime.distantFuture
    /// True exactly when there is a server for them, and they have not begun to go on.
    private var isServerBack = false
    /// From when on all of them may go on again.
    private var mayGoOnAt = MonotonicTime(nanoseconds: 0)
    /// Those whose tickets are lower go on.
    private var goEnd = 0

    /// True exactly when nobody is held.
    var isEmpty: Bool { line.isEmpty }

    /// Who is held.
    var exchanges: some Sequence<Exchange> { line.elements }

    /// True exactly when a server was back since the first of the line was tried.
    var hasServer: Bool { isServerBack || isGoingOn }

    private var isGoingOn: Bool { line.first.map(goesOn) == true }

    private func goesOn(_ exchange: Exchange) -> Bool { (exchange.heldTicket ?? .max) < goEnd }

    /// When somebody goes on or has been held for long enough although nothing happens.
    var nextWake: MonotonicTime {
        if isGoingOn { return MonotonicTime(nanoseconds: 0) }
        let next = isServerBack ? min(mayGoOnAt, nextProbe) : nextProbe
        return min(next, max(soonestEnd, mayEndAt))
    }

    /// Holds one whose attempts have just failed.
    mutating func append(_ exchange: Exchange, now: MonotonicTime) {
        if line.isEmpty {
            nextProbe = now + HeldLine.probeInterval
            soonestEnd = .distantFuture
        }
        exchange.heldTicket = line.append(exchange)
        soonestEnd = min(soonestEnd, exchange.heldUntil)
    }

    /// Holds one no more.
    mutating func remove(_ ticket: Int) {
        line.remove(ticket)
        // Whoever comes next may have the ticket of one that has left the end.
        goEnd = min(goEnd, line.end)
        if line.isEmpty { isServerBack = false }
    }

    /// A server has taken a connection, or takes requests again.
    mutating func serverIsBack() { isServerBack = !line.isEmpty }

    /// A batch of those who have been held for long enough, and who must leave.
    ///
    /// Where many ends follow one another closely, some are up to an interval late: each look is
    /// one at all who are held.
    mutating func overdue(now: MonotonicTime) -> [Exchange] {
        guard max(soonestEnd, mayEndAt) <= now else { return [] }
        var overdue: [Exchange] = []
        var soonest = MonotonicTime.distantFuture
        for exchange in line.elements {
            guard exchange.heldUntil <= now else {
                soonest = min(soonest, exchange.heldUntil)
                continue
            }
            if overdue.count == HeldLine.batch { return overdue }
            overdue.append(exchange)
        }
        soonestEnd = soonest
        mayEndAt = now + HeldLine.probeInterval
        return overdue
    }

    /// Those whose turn it is, and who must leave: a batch of all where a server is back, else who
    /// looks whether one is.
    ///
    /// A server that takes some connections and refuses others does not bring about a turn of all
    /// for each that it takes.
    mutating func due(now: MonotonicTime) -> [Exchange] {
        if isServerBack, mayGoOnAt <= now {
            isServerBack = false
            mayGoOnAt = now + HeldLine.probeInterval
            goEnd = line.end
        }
        if isGoingOn { return line.elements.prefix(HeldLine.batch).prefix(while: goesOn) }
        guard nextProbe <= now, let first = line.first else { return [] }
        nextProbe = now + HeldLine.probeInterval
        return [first]
    }

    /// How often one of them looks whether a server is back: often enough that a restart is hardly
    /// longer than it is, and seldom enough that a server that is down has no load of it. No more
    /// often do all go on.
    static let probeInterval = Duration.milliseconds(100)
    /// How many go on, or end, in one turn of the loop at most.
    static let batch = 64
}
