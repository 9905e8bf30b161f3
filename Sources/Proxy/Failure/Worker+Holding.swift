internal import Platform
internal import Telemetry

/// Requests that no server has taken a connection of, and that wait for one to come back.
extension Worker {
    /// Holds a request of which nothing was sent, or gives it the answer that there is.
    ///
    /// How long it is held the snapshot says that it began with, from the first time on. It waits
    /// for a connection, and counts as one of those.
    mutating func hold(_ exchange: Exchange) {
        guard let load = exchange.ownLoad, load.policy.retries.wait > .zero,
            exchange.heldUntil > now
        else {
            perform(exchange.handle(.retryDenied), exchange)
            return
        }
        releaseUpstream(exchange, reusable: false)
        guard load.hasPendingRoom else {
            limitReached(load, .pending)
            perform(exchange.handle(.retryDenied), exchange)
            return
        }
        exchange.heldUntil = min(exchange.heldUntil, now + load.policy.retries.wait)
        load.tally.held.append(exchange, now: now)
        awaitConnection(exchange)
        metrics.upstreamQueued(load.label, by: 1)
        if !holding.contains(where: { $0 === load.tally }) { holding.append(load.tally) }
    }

    /// A request is held no more.
    mutating func leaveHeld(_ exchange: Exchange) {
        guard let ticket = exchange.heldTicket, let load = exchange.ownLoad else { return }
        exchange.heldTicket = nil
        load.tally.held.remove(ticket)
        metrics.upstreamQueued(load.label, by: -1)
    }

    /// What is known of servers has changed: where one takes requests now, all go on.
    func reviewHeld() {
        for tally in holding where takesRequests(tally.held) { tally.held.serverIsBack() }
    }

    /// True exactly when there is a server for somebody who is held; each snapshot is asked once.
    private func takesRequests(_ held: HeldLine) -> Bool {
        var asked: [InstalledSnapshot] = []
        for exchange in held.exchanges {
            guard let place = exchange.backend?.current(for: exchange),
                !asked.contains(where: { $0 === place.installed })
            else { continue }
            if place.pools.contains(where: { $0.standing.accepts(now: now) }) { return true }
            asked.append(place.installed)
        }
        return false
    }

    /// Lets those go on for whom there is a server, or whose turn it is to look for one, and
    /// answers those who were held for long enough.
    mutating func serveHeld() {
        guard !holding.isEmpty else { return }
        for tally in holding {
            // A server that is back at the last moment is there for those as well.
            let hasServer = tally.held.hasServer
            for exchange in tally.held.overdue(now: now) where exchange.heldTicket != nil {
                if hasServer {
                    tryAgain(exchange)
                } else {
                    perform(exchange.handle(.retryDenied), exchange)
                }
            }
            for exchange in tally.held.due(now: now) where exchange.heldTicket != nil {
                tryAgain(exchange)
            }
        }
        holding.removeAll { $0.held.isEmpty }
    }

    /// Asks the servers as one that has tried none of them.
    private mutating func tryAgain(_ exchange: Exchange) {
        guard let place = exchange.findBackend() else { return }
        exchange.forgetAllTried()
        exchange.choice = ServerChoice()
        exchange.expectServers(place.pools.count)
        reconnect(exchange, fresh: false)
    }
}
