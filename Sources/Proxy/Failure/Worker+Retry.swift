internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import Telemetry

/// Further attempts of a request.
extension Worker {
    /// Makes an exchange ready for its first attempt.
    mutating func prepareAttempts(
        _ exchange: Exchange, _ installed: InstalledSnapshot, _ group: Int
    ) {
        let load = installed.loads[group]
        let snapshot = installed.snapshot
        let policy = load.policy.retries
        let retries = policy.attempts ?? snapshot.settings.retries
        exchange.timeouts = ServerTimeouts(snapshot.settings.timeouts, load.policy.timeouts)
        if let own = exchange.rules?.timeouts { exchange.timeouts.adopt(own) }
        exchange.machine = ExchangeMachine(
            isIdempotent: exchange.form.method.isIdempotent
                || exchange.form.hasTunnelProtocol,
            servers: installed.pools[group].count, retries: retries, causes: policy.causes)
        load.tally.budget.count(now: now)
        if !exchange.isBodyless { exchange.replay.begin(limit: replayLimit(exchange, policy)) }
    }

    /// How much of a body is kept: nothing where it cannot be all, or where memory is short.
    private func replayLimit(_ exchange: Exchange, _ policy: RetryPolicy) -> Int {
        guard pressure == .none else { return 0 }
        if case .length(let length) = exchange.form.framing, length > policy.bodyBytes {
            return 0
        }
        return policy.bodyBytes
    }

    /// A server could not be connected to, or has refused the request unread: the next one, which
    /// no budget bounds, since no server has done any work. Where there is none it is no attempt.
    ///
    /// A connect that fails at once leads here again before it returns: whoever was here first goes
    /// on then, since a backend of thousands of servers that are gone would take all of the stack.
    mutating func reconnect(_ exchange: Exchange, fresh: Bool) {
        exchange.nextReconnect = fresh
        guard !exchange.isReconnecting else { return }
        exchange.isReconnecting = true
        while let fresh = exchange.nextReconnect {
            exchange.nextReconnect = nil
            let last = exchange.server
            if fresh { exchange.forgetTried() }
            guard connect(exchange, fresh: fresh), let last else { continue }
            metrics.upstreamRetried(last.plan.label, cause: fresh ? .refused : .connect)
        }
        exchange.isReconnecting = false
    }

    /// Sends the request to another server, if there is one and the budget has an attempt left.
    ///
    /// A connection that died between two requests says nothing of its server: the same one may
    /// have the request, where the balancer prefers it.
    mutating func retry(_ exchange: Exchange, _ cause: RetryLabel) {
        if cause == .stale {
            exchange.forgetTried()
        } else {
            exchange.choice.heldTries = .max - 1
        }
        guard mayRetry(exchange, cause) else {
            perform(exchange.handle(.retryDenied), exchange)
            return
        }
        if let server = exchange.server { metrics.upstreamRetried(server.plan.label, cause: cause) }
        connect(exchange, fresh: cause == .stale || cause == .reset)
    }

    private mutating func mayRetry(_ exchange: Exchange, _ cause: RetryLabel) -> Bool {
        guard let place = exchange.findBackend() else { return false }
        if cause != .stale,
            !place.installed.hasAnother(group: place.group, for: exchange, now: now)
        {
            return false
        }
        let load = place.load
        if load.tally.budget.take(now: now) { return true }
        limitReached(load, .retryBudget)
        return false
    }

    /// The head of the final response is here: it is the client's, unless its status counts as a
    /// failure and the request is sent again.
    mutating func finalHead(_ exchange: Exchange) {
        perform(exchange.handle(isUnwelcome(exchange) ? .unwelcomeHead : .responseHead), exchange)
    }

    /// True exactly when the response's status counts as a failure of the server.
    private func isUnwelcome(_ exchange: Exchange) -> Bool {
        // Of most responses nobody need ask further.
        guard exchange.response.status >= 400, let group = exchange.group,
            let policy = exchange.installed?.loads[group].policy.retries
        else { return false }
        return policy.causes.contains(status: exchange.response.status)
    }

    /// The kernel has taken a part of the request: what must not run twice is not kept any more.
    mutating func requestSent(_ exchange: Exchange) {
        guard exchange.machine.state != .awaitingUpstream else { return }
        _ = exchange.handle(.requestSent)
        if !exchange.machine.isIdempotent { exchange.replay.drop() }
    }

    /// Puts the part of a body on a server's connection that a server before it was sent.
    mutating func replayBody(_ exchange: Exchange, to upstream: UpstreamConnection) {
        forward(
            exchange.replay.bytes, to: upstream, chunked: exchange.form.framing == .chunked)
    }

    private mutating func forward(
        _ kept: borrowing ByteQueue, to upstream: UpstreamConnection, chunked: Bool
    ) {
        forwardBody(kept.bytes, to: upstream, chunked: chunked)
    }
}
