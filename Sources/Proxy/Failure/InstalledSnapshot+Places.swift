internal import Config
internal import Platform
internal import Telemetry

extension InstalledSnapshot {
    /// Which limit the servers of a group have reached that take requests at present; nil where
    /// there is none of them that is full.
    func limitReached(group: Int, now: MonotonicTime) -> BackendLimitLabel? {
        var limit: BackendLimitLabel?
        for pool in pools[group] where !pool.hasRoom {
            if pool.standing.accepts(now: now) || pool.standing.mayBeTried() {
                limit = pool.hasRequestRoom ? .connections : .requests
            }
        }
        return limit
    }

    /// True exactly when a request may be given to a server of the group again: to one that has not
    /// had it, or to the only one that takes requests, which then counts as not tried.
    func hasAnother(group: Int, for exchange: Exchange, now: MonotonicTime) -> Bool {
        var accepting = 0
        for (index, pool) in pools[group].enumerated() where pool.standing.accepts(now: now) {
            accepting += 1
            if !exchange.hasTried(index), pool.hasRoom { return true }
        }
        guard pools[group].count == 1 || accepting == 1 else { return false }
        exchange.triedServers = 0
        return true
    }
}

extension Exchange {
    /// True exactly when the server of this number was tried; beyond the first 64 servers nothing
    /// is remembered.
    func hasTried(_ server: Int) -> Bool { server < 64 && triedServers >> UInt64(server) & 1 == 1 }

    /// The server may be tried again: it has not had the request.
    func forgetTried() {
        guard choice.index >= 0, choice.index < 64 else { return }
        triedServers &= ~(1 << UInt64(choice.index))
    }
}
