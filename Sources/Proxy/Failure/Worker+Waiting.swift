internal import Config
internal import Platform
internal import Telemetry

/// Limits of backends, and the line where every server is full.
extension Worker {
    /// What the worker has under way for the backends of a snapshot, whose limits hold from now on.
    ///
    /// What is counted goes on over reloads; who waits, waits for the servers of his snapshot.
    mutating func makeLoads(
        _ snapshot: RuntimeSnapshot, _ pools: [[UpstreamPool]]
    ) -> [BackendLoad] {
        let before = tallies
        tallies = [:]
        return snapshot.groups.enumerated().map { index, group in
            for pool in pools[index] {
                pool.limits = group.policy.limits
                pool.streamsPerConnection = snapshot.settings.streamsPerConnection
            }
            let budget = group.policy.retries.budget
            let tally = before[group.name] ?? tallies[group.name] ?? BackendTally(budget: budget)
            tally.budget.percent = budget
            tallies[group.name] = tally
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
    }

    // MARK: - Waiting for a server

    /// Serves those who came before; true exactly when nobody of them waits any more.
    mutating func isFirstInLine(_ load: BackendLoad) -> Bool {
        if !load.line.isEmpty { serve(load) }
        return load.line.isEmpty
    }

    /// No server takes the request: it waits for one, or the client is told.
    ///
    /// While the line is served, there may be servers for those in it: they wait for their turn.
    mutating func turnAway(
        _ exchange: Exchange, _ installed: InstalledSnapshot, _ group: Int, fresh: Bool
    ) {
        let load = installed.loads[group]
        let limit = installed.limitReached(group: group, now: now)
        guard limit != nil || load.isServing else {
            fail(exchange, .downstreamFailed(ProxyError(.upstreamUnavailable)))
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
        exchange.waitTicket = load.line.append(exchange)
        load.tally.queued += 1
        if exchange.waitDeadline == .distantFuture {
            exchange.waitDeadline = now + load.policy.limits.queueTimeout
        }
        metrics.upstreamQueued(load.label, by: 1)
        if !waiting.contains(where: { $0 === load }) { waiting.append(load) }
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
        guard let ticket = exchange.waitTicket, let load = exchange.load else { return }
        exchange.waitTicket = nil
        load.line.remove(ticket)
        load.tally.queued -= 1
        metrics.upstreamQueued(load.label, by: -1)
    }

    /// Gives the places that have become free to those who have waited longest; true exactly when
    /// somebody waits no more.
    mutating func serveWaiting() -> Bool {
        guard !waiting.isEmpty else { return false }
        var hasServed = false
        for load in waiting where serve(load) { hasServed = true }
        waiting.removeAll { $0.line.isEmpty }
        return hasServed
    }

    /// A request that finds no server while the line is served takes its place behind the others.
    @discardableResult
    private mutating func serve(_ load: BackendLoad) -> Bool {
        guard !load.isServing else { return false }
        load.isServing = true
        var hasServed = false
        while let exchange = load.line.first, goOn(exchange, load) { hasServed = true }
        load.isServing = false
        return hasServed
    }

    /// Sends the first of the line to a server, or ends its wait; false where it waits on.
    private mutating func goOn(_ exchange: Exchange, _ load: BackendLoad) -> Bool {
        guard let installed = exchange.installed, let group = exchange.group else { return false }
        if let pool = chooseServer(exchange, installed) {
            leaveLine(exchange)
            connect(exchange, to: pool, fresh: exchange.wantsFresh)
        } else if exchange.waitDeadline <= now {
            leaveLine(exchange)
            refuse(exchange, load, .queueTimeout)
        } else if installed.limitReached(group: group, now: now) == nil {
            leaveLine(exchange)
            fail(exchange, .downstreamFailed(ProxyError(.upstreamUnavailable)))
        } else {
            return false
        }
        return true
    }
}

extension Exchange {
    /// What the worker has under way for the backend.
    var load: BackendLoad? { group.flatMap { installed?.loads[$0] } }
}
