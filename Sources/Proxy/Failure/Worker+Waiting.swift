internal import Config
internal import Platform
internal import Telemetry

/// Limits of backends, and the line where every server is full.
extension Worker {
    /// What the worker has under way for the backends of a snapshot, whose limits hold from now on.
    ///
    /// What is counted goes on over reloads, and so does the line.
    mutating func makeLoads(
        _ snapshot: RuntimeSnapshot, _ pools: [[UpstreamPool]]
    ) -> [BackendLoad] {
        let before = tallies
        forgetBackends()
        // A backend that is gone may be back by the next reload, for those who still ask for it.
        tallies = before.filter { $0.value.loads > 0 }
        return snapshot.groups.enumerated().map { index, group in
            for pool in pools[index] {
                pool.limits = group.policy.limits
                pool.streamsPerConnection = snapshot.settings.streamsPerConnection
            }
            let budget = group.policy.retries.budget
            let tally = before[group.name] ?? tallies[group.name] ?? BackendTally(budget: budget)
            tally.budget.percent = budget
            tallies[group.name] = tally
            for pool in pools[index] { pool.tally = tally }
            return BackendLoad(
                label: plan.registry.backend(group.name), name: group.name, policy: group.policy,
                tally: tally)
        }
    }

    /// A request is not the server's any more, nor does it wait.
    mutating func leavePlace(_ exchange: Exchange) {
        connectionMade(exchange)
        leaveServer(exchange)
        leaveLine(exchange)
    }

    // MARK: - Waiting for a connection

    /// True exactly when another request of the backend may wait for a connection to be made;
    /// otherwise it is answered.
    mutating func mayWaitForConnection(_ exchange: Exchange) -> Bool {
        guard let load = exchange.load, !load.hasPendingRoom else { return true }
        refuse(exchange, load, .pending)
        return false
    }

    /// The request waits for a connection to be made.
    mutating func awaitConnection(_ exchange: Exchange) {
        // A connection may have come to its end at once, and the request to another one.
        guard let load = exchange.load, !exchange.isPending,
            exchange.machine.state == .awaitingUpstream
        else { return }
        exchange.isPending = true
        load.tally.pending += 1
    }

    /// The request waits for no connection.
    mutating func connectionMade(_ exchange: Exchange) {
        guard exchange.isPending else { return }
        exchange.isPending = false
        exchange.load?.tally.pending -= 1
        leaveHeld(exchange)
    }

    // MARK: - Waiting for a server

    /// Lets the backends' lines know where the newest servers are.
    mutating func followBackends(_ installed: InstalledSnapshot) {
        for (group, load) in installed.loads.enumerated() {
            load.tally.follow(BackendPlace(installed: installed, group: group))
        }
    }

    /// Lets go of what the backends' lines know of a snapshot that is served no more.
    func forgetBackends() {
        for tally in tallies.values { tally.follow(nil) }
    }

    /// Serves those who came before; true exactly when nobody of them waits any more who could have
    /// one of the same servers.
    mutating func isFirstInLine(_ exchange: Exchange) -> Bool {
        // Whoever is in a line has its tally among these.
        guard !waiting.isEmpty else { return true }
        guard let load = exchange.ownLoad else { return false }
        if load.tally.isServing { return exchange.isServed || load.tally.queued == 0 }
        if load.tally.queued > 0 { serve(load.tally) }
        return load.line.isEmpty
    }

    /// No server takes the request: it waits for one, or the client is told.
    ///
    /// While the line is served, there may be servers for those in it: they wait for their turn. By
    /// what rules it waits the snapshot says that it began with, wherever its servers are.
    mutating func turnAway(
        _ exchange: Exchange, _ place: BackendPlace, fresh: Bool
    ) {
        guard let load = exchange.ownLoad else { return }
        let limit = place.installed.limitReached(group: place.group)
        guard limit != nil || load.tally.isServing && !exchange.isServed else {
            fail(exchange, .noServer)
            return
        }
        guard load.hasQueueRoom else {
            refuse(exchange, load, load.policy.limits.queue > 0 ? .queue : limit ?? .queue)
            return
        }
        // The server that is free first may be one that has had the request: whoever stands in
        // front must not turn it down, or nobody behind would be served.
        exchange.forgetAllTried()
        exchange.wantsFresh = fresh
        load.tally.append(exchange, load)
        if exchange.waitDeadline == .distantFuture {
            exchange.waitDeadline = now + load.policy.limits.queueTimeout
        } else {
            load.returned(exchange)
        }
        metrics.upstreamQueued(load.label, by: 1)
        if !waiting.contains(where: { $0 === load.tally }) { waiting.append(load.tally) }
    }

    private mutating func refuse(
        _ exchange: Exchange, _ load: BackendLoad, _ limit: BackendLimitLabel
    ) {
        limitReached(load, limit)
        fail(exchange, .downstreamFailed(ProxyError(.upstreamFull(limit))))
    }

    /// Counts that a request met a limit of its backend, and says so.
    mutating func limitReached(_ load: BackendLoad, _ limit: BackendLimitLabel) {
        metrics.backendLimitReached(load.label, limit)
        events.upstreamLimited(backend: load.name, limit, now: now)
    }

    private mutating func leaveLine(_ exchange: Exchange) {
        guard let ticket = exchange.waitTicket else { return }
        exchange.waitTicket = nil
        ticket.load.tally.remove(ticket)
        metrics.upstreamQueued(ticket.load.label, by: -1)
    }

    /// Gives the places that have become free to those who have waited longest; true exactly when
    /// somebody waits no more.
    mutating func serveWaiting() -> Bool {
        guard !waiting.isEmpty else { return false }
        var hasServed = false
        for tally in waiting where serve(tally) { hasServed = true }
        waiting.removeAll { $0.waiting.isEmpty }
        return hasServed
    }

    /// In the order of arrival, over all snapshots: a place goes to who has waited longest of those
    /// that may have it. Nobody overtakes another of the same snapshot; of another snapshot only
    /// one for whom none of its servers has a place.
    ///
    /// A request that finds no server while the line is served takes its place behind the others.
    @discardableResult
    private mutating func serve(_ tally: BackendTally) -> Bool {
        guard !tally.isServing else { return false }
        tally.isServing = true
        tally.unstick()
        var hasServed = false
        while let load = tally.next, let exchange = load.line.first {
            guard goOn(exchange, load) else {
                load.isStuck = true
                continue
            }
            hasServed = true
            tally.unstick()
        }
        tally.isServing = false
        for load in tally.waiting {
            for exchange in load.overdue(now: now) where exchange.waitTicket != nil {
                leaveLine(exchange)
                refuse(exchange, load, .queueTimeout)
                hasServed = true
            }
        }
        return hasServed
    }

    /// Sends the first of the line to a server, or ends its wait; false where it waits on.
    private mutating func goOn(_ exchange: Exchange, _ load: BackendLoad) -> Bool {
        guard let place = exchange.findBackend() else { return false }
        if let pool = chooseServer(exchange, place) {
            leaveLine(exchange)
            exchange.isServed = true
            connect(exchange, to: pool, fresh: exchange.wantsFresh)
            exchange.isServed = false
        } else if exchange.waitDeadline <= now {
            leaveLine(exchange)
            refuse(exchange, load, .queueTimeout)
        } else if place.installed.limitReached(group: place.group) == nil {
            leaveLine(exchange)
            fail(exchange, .noServer)
        } else {
            return false
        }
        return true
    }
}
