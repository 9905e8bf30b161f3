internal import Platform

/// One worker's idle connections to one server, and what it knows of the server's health.
final class UpstreamPool {
    /// What makes the connections in here interchangeable.
    let plan: ServerPlan
    /// Idle connections; the one used last is taken first, so that the others age out.
    private(set) var idle: [UpstreamConnection] = []
    /// Until when other servers are preferred, because this one refused a connection.
    private(set) var avoidedUntil = MonotonicTime(nanoseconds: 0)
    /// True exactly when no installed snapshot names the server any more: nothing is kept.
    var isRetired = false

    /// How long other servers are preferred after a refusal.
    static let avoidance = Duration.seconds(2)

    init(plan: ServerPlan) {
        self.plan = plan
    }

    /// Takes an idle connection, or nil.
    func checkOut() -> UpstreamConnection? {
        idle.popLast()
    }

    /// Keeps a connection that is ready for another request; false if there are `limit` already.
    func checkIn(_ connection: UpstreamConnection, limit: Int) -> Bool {
        guard !isRetired, idle.count < limit else { return false }
        idle.append(connection)
        return true
    }

    /// Forgets an idle connection that is being closed.
    func forget(_ connection: UpstreamConnection) {
        if let index = idle.lastIndex(where: { $0 === connection }) { idle.remove(at: index) }
    }

    /// Notes that the server refused a connection or did not answer in time.
    func avoid(now: MonotonicTime) {
        avoidedUntil = now + UpstreamPool.avoidance
    }

    /// Notes that the server took a connection.
    func embrace() {
        avoidedUntil = MonotonicTime(nanoseconds: 0)
    }
}
