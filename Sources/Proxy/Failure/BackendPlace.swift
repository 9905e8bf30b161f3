internal import Config

/// One backend of one snapshot as one worker serves it: where an exchange finds its servers.
struct BackendPlace {
    let installed: InstalledSnapshot
    /// Which of the snapshot's groups it is.
    let group: Int

    var pools: [UpstreamPool] { installed.pools[group] }
    var load: BackendLoad { installed.loads[group] }
    var plan: UpstreamGroup { installed.snapshot.groups[group] }

    /// True exactly when its servers speak HTTP/2; nil where it has none.
    private var speaksHTTP2: Bool? { plan.servers.first?.speaks.isHTTP2 }

    /// Where the servers are now: here for as long as one of them is still named by what is served,
    /// else where the backend of this name has its servers, and here again where there is none, or
    /// none for the exchange.
    ///
    /// Whoever began before a reload that moved the backend would only find its old machines.
    func current(for exchange: Exchange) -> BackendPlace {
        guard installed.isReplaced, pools.allSatisfy(\.isRetired),
            let newest = load.tally.newestPlace, newest.serves(exchange)
        else { return self }
        return newest
    }

    /// True exactly when the exchange can be taken up there: an attempt leaves the request's body
    /// as its protocol takes it, which one by the other would take a second time, and bytes of TCP
    /// are no streams.
    private func serves(_ exchange: Exchange) -> Bool {
        guard let speaksHTTP2 else { return true }
        if exchange.tcp != nil { return !speaksHTTP2 }
        guard let server = exchange.server else { return true }
        return server.plan.speaks.isHTTP2 == speaksHTTP2
    }
}

extension Exchange {
    /// What the worker has under way for the backend.
    var load: BackendLoad? { backend?.load }

    /// The part of the line in which it waits: that of the snapshot it began with, whose limits
    /// hold for it wherever its servers are.
    var ownLoad: BackendLoad? { ownBackend?.load }

    /// Finds out where its servers are now. Of those of another snapshot it has tried none.
    func findBackend() -> BackendPlace? { findBackend(failed: 0) }

    /// Tells the machine that a server could not be connected to. Where a reload has brought others
    /// it is not the last of them.
    func connectFailed(_ event: ExchangeMachine.Event) -> ExchangeMachine.Action {
        _ = findBackend(failed: 1)
        return handle(event)
    }

    /// - Parameter failed: how many servers of where it was have still to be told as failed.
    private func findBackend(failed: Int) -> BackendPlace? {
        if let backend, !backend.installed.isReplaced { return backend }
        guard let place = backend ?? ownBackend else { return nil }
        let current = place.current(for: self)
        if current.installed !== place.installed {
            triedServers = 0
            choice = ServerChoice()
            expectServers(current.pools.count + failed)
        }
        backend = current
        return current
    }

    private var ownBackend: BackendPlace? {
        guard let installed, let group else { return nil }
        return BackendPlace(installed: installed, group: group)
    }
}
