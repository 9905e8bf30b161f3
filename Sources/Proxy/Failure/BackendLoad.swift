internal import Config
internal import Platform
internal import Telemetry

/// What one worker has under way for one backend of one snapshot, beside its servers: who of the
/// snapshot's exchanges waits. Worker only.
final class BackendLoad {
    let label: BackendLabel
    let name: String
    let policy: BackendPolicy
    /// What all snapshots share.
    let tally: BackendTally
    /// Who waits because every server is full: the snapshot's part of the backend's line.
    var line = WaitingLine<Exchange>()
    /// No later than the deadline of anybody who came back and stands behind a later one.
    private(set) var soonestReturned = MonotonicTime.distantFuture
    /// True exactly when there was no server for the first of the line, while it is being served.
    var isStuck = false

    init(label: BackendLabel, name: String, policy: BackendPolicy, tally: BackendTally) {
        self.label = label
        self.name = name
        self.policy = policy
        self.tally = tally
        tally.loads += 1
    }

    /// Somebody who has waited before has come back to the end of the line.
    func returned(_ exchange: Exchange) {
        soonestReturned = min(soonestReturned, exchange.waitDeadline)
    }

    /// Those whose deadline is over although the first of the line may have time.
    func overdue(now: MonotonicTime) -> [Exchange] {
        guard soonestReturned <= now else { return [] }
        soonestReturned = .distantFuture
        var latest = MonotonicTime(nanoseconds: 0)
        var overdue: [Exchange] = []
        for exchange in line.elements {
            if exchange.waitDeadline <= now {
                overdue.append(exchange)
            } else if exchange.waitDeadline < latest {
                returned(exchange)
            }
            latest = max(latest, exchange.waitDeadline)
        }
        return overdue
    }

    deinit { tally.loads -= 1 }

    /// True exactly when another request may wait for a connection to be made.
    var hasPendingRoom: Bool { tally.pending < policy.limits.pending ?? .max }

    /// True exactly when another request may wait for a server.
    var hasQueueRoom: Bool { tally.queued < policy.limits.queue }
}
