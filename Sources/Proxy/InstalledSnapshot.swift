internal import Platform

/// A snapshot as one worker serves it: the worker's pools of connections to the snapshot's servers,
/// and whose turn it is.
final class InstalledSnapshot {
    let snapshot: RuntimeSnapshot
    /// For each group, one pool for each of its servers.
    let pools: [[UpstreamPool]]
    /// For each group, how many picks there have been.
    private var cursors: [Int]

    init(snapshot: RuntimeSnapshot, pools: [[UpstreamPool]]) {
        self.snapshot = snapshot
        self.pools = pools
        cursors = Array(repeating: 0, count: pools.count)
    }

    /// The next server of the group in turn, past those that refused lately while there are others;
    /// nil where there is none.
    func pick(group: Int, now: MonotonicTime) -> UpstreamPool? {
        let servers = pools[group]
        guard !servers.isEmpty else { return nil }
        let start = cursors[group]
        cursors[group] = start &+ 1
        if servers.count == 1 { return servers[0] }
        for offset in 0..<servers.count {
            let candidate = servers[(start &+ offset) % servers.count]
            if candidate.avoidedUntil <= now {
                cursors[group] = start &+ offset &+ 1
                return candidate
            }
        }
        return servers[start % servers.count]
    }
}
