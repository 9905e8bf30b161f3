internal import Config
internal import Platform
internal import Telemetry

extension InstalledSnapshot {
    /// Which limit the servers of a group have reached that are in service; nil where there is none
    /// of them that is full.
    ///
    /// A server that is down and still has old requests to answer has no place for those who wait.
    func limitReached(group: Int) -> BackendLimitLabel? {
        var limit: BackendLimitLabel?
        for pool in pools[group] where !pool.hasRoom {
            if pool.standing.isInService {
                limit = pool.hasRequestRoom ? .connections : .requests
            }
        }
        return limit
    }

    /// True exactly when a request may be given to a server of the group again: to one that has not
    /// had it, or to the only one that takes requests, which then counts as not tried.
    ///
    /// Where others wait, or it would have to wait, the client gets the response that there is.
    func hasAnother(group: Int, for exchange: Exchange, now: MonotonicTime) -> Bool {
        guard loads.isEmpty || loads[group].tally.queued == 0 else { return false }
        let balancer = balancers[group]
        let leaving = exchange.countedIn
        if balancer.hasUntried(exchange.wish(balancer.plan), leaving: leaving, now: now) {
            return true
        }
        guard let only = onlyServer(group, now: now), only === leaving || only.hasRoom else {
            return false
        }
        exchange.forgetAllTried()
        return true
    }

    /// The only server of a group that takes new requests, or the only one that there is, unless it
    /// is out of service: what it has answered is better than another attempt.
    private func onlyServer(_ group: Int, now: MonotonicTime) -> UpstreamPool? {
        let weights = balancers[group].plan.weights
        let isAlone = pools[group].count == 1
        var only: UpstreamPool?
        for (index, pool) in pools[group].enumerated() where weights[index] > 0 {
            guard pool.standing.accepts(now: now) || isAlone && pool.standing.isInService else {
                continue
            }
            if only != nil { return nil }
            only = pool
        }
        return only
    }
}

extension Exchange {
    /// The server of this number has the request.
    func noteTried(_ server: Int) {
        choice.tried = server
        if server < 64 { triedServers |= 1 << UInt64(server) }
    }

    /// Every server may be tried again.
    func forgetAllTried() {
        choice.tried = -1
        triedServers = 0
    }

    /// The server may be tried again: it has not had the request.
    func forgetTried() {
        choice.tried = -1
        guard choice.index >= 0, choice.index < 64 else { return }
        triedServers &= ~(1 << UInt64(choice.index))
    }
}
