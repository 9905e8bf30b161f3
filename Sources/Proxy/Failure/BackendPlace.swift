/// One backend of one snapshot as one worker serves it: where an exchange finds its servers.
struct BackendPlace {
    let installed: InstalledSnapshot
    /// Which of the snapshot's groups it is.
    let group: Int

    var pools: [UpstreamPool] { installed.pools[group] }
    var load: BackendLoad { installed.loads[group] }
    var plan: UpstreamGroup { installed.snapshot.groups[group] }

    /// Where the servers are now: here for as long as one of them is still named by what is served,
    /// else where the backend of this name has its servers, and here again where there is none.
    ///
    /// Whoever began before a reload that moved the backend would only find its old machines.
    var current: BackendPlace {
        guard pools.allSatisfy(\.isRetired) else { return self }
        return load.tally.newestPlace ?? self
    }
}

extension Exchange {
    /// What the worker has under way for the backend.
    var load: BackendLoad? { backend?.load }

    /// Finds out where its servers are now. Of those of another snapshot it has tried none.
    func findBackend() -> BackendPlace? {
        guard let place = backend ?? ownBackend else { return nil }
        let current = place.current
        if current.installed !== place.installed {
            triedServers = 0
            choice = ServerChoice()
        }
        backend = current
        return current
    }

    private var ownBackend: BackendPlace? {
        guard let installed, let group else { return nil }
        return BackendPlace(installed: installed, group: group)
    }
}
