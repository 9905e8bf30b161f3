internal import Platform

/// A snapshot as one worker serves it: the worker's pools of connections to the snapshot's servers,
/// and whose turn it is.
final class InstalledSnapshot {
    let snapshot: RuntimeSnapshot
    /// For each group, one pool for each of its servers.
    let pools: [[UpstreamPool]]
    /// For each group, what the worker has under way for it.
    let loads: [BackendLoad]
    /// For each group, how many picks there have been.
    private var cursors: [Int]

    init(snapshot: RuntimeSnapshot, pools: [[UpstreamPool]], loads: [BackendLoad] = []) {
        self.snapshot = snapshot
        self.pools = pools
        self.loads = loads
        cursors = Array(repeating: 0, count: pools.count)
    }

    /// The next server of the group in turn, past those that refused lately while there are others;
    /// nil where all are full.
    func pick(group: Int, for exchange: Exchange, now: MonotonicTime) -> UpstreamPool? {
        let servers = pools[group]
        let start = cursors[group]
        cursors[group] = start &+ 1
        if servers.count == 1 { return servers[0].hasRoom ? servers[0] : nil }
        for offset in 0..<servers.count {
            let index = (start &+ offset) % servers.count
            let candidate = servers[index]
            if candidate.standing.accepts(now: now), candidate.hasRoom, !exchange.hasTried(index) {
                cursors[group] = start &+ offset &+ 1
                return candidate
            }
        }
        for offset in 0..<servers.count {
            let candidate = servers[(start &+ offset) % servers.count]
            if candidate.hasRoom { return candidate }
        }
        return nil
    }
}
