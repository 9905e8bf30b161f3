internal import Platform

/// Requests of one backend that no server has taken a connection of, in the order of their last
/// attempts.
///
/// All of them go on when a server is back; until then one after the other looks whether it is.
struct HeldLine {
    private var line = WaitingLine<Exchange>()
    /// No later than anybody's deadline.
    private var soonestEnd = MonotonicTime.distantFuture
    /// When the next one looks.
    private var nextProbe = MonotonicTime.distantFuture
    /// True exactly when there is a server for them, and they have not gone on yet.
    private(set) var isServerBack = false

    /// From when on all of them may go on again.
    private var mayGoOnAt = MonotonicTime(nanoseconds: 0)

    /// True exactly when nobody is held.
    var isEmpty: Bool { line.isEmpty }

    /// Who is held.
    var exchanges: some Sequence<Exchange> { line.elements }

    /// When somebody goes on or has been held for long enough although nothing happens.
    var nextWake: MonotonicTime {
        min(isServerBack ? min(mayGoOnAt, nextProbe) : nextProbe, soonestEnd)
    }

    /// True exactly when all go on: a server that takes some connections and refuses others does
    /// not bring about a turn of all for each that it takes.
    func goesOn(now: MonotonicTime) -> Bool { isServerBack && mayGoOnAt <= now }

    /// Holds one whose attempts have just failed.
    mutating func append(_ exchange: Exchange, now: MonotonicTime) {
        if line.isEmpty {
            nextProbe = now + HeldLine.probeInterval
            soonestEnd = .distantFuture
            isServerBack = false
        }
        exchange.heldTicket = line.append(exchange)
        soonestEnd = min(soonestEnd, exchange.heldUntil)
    }

    /// Holds one no more.
    mutating func remove(_ ticket: Int) { line.remove(ticket) }

    /// A server has taken a connection, or takes requests again.
    mutating func serverIsBack() { isServerBack = !line.isEmpty }

    /// Those who have been held for long enough; they stay until they leave.
    mutating func overdue(now: MonotonicTime) -> [Exchange] {
        guard soonestEnd <= now else { return [] }
        soonestEnd = .distantFuture
        var overdue: [Exchange] = []
        for exchange in line.elements {
            if exchange.heldUntil <= now {
                overdue.append(exchange)
            } else {
                soonestEnd = min(soonestEnd, exchange.heldUntil)
            }
        }
        return overdue
    }

    /// Those who are to go on: all, or whose turn it is to look; they stay until they leave.
    mutating func due(now: MonotonicTime) -> [Exchange] {
        if goesOn(now: now) {
            isServerBack = false
            mayGoOnAt = now + HeldLine.probeInterval
            return Array(line.elements)
        }
        guard nextProbe <= now, let first = line.first else { return [] }
        nextProbe = now + HeldLine.probeInterval
        return [first]
    }

    /// How often one of them looks whether a server is back: often enough that a restart is hardly
    /// longer than it is, and seldom enough that a server that is down has no load of it.
    static let probeInterval = Duration.milliseconds(100)
}
