internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import Telemetry

/// Connections to servers that speak HTTP/2: each is shared by many exchanges, whichever clients
/// they came from.
extension Worker {
    /// Takes a shared connection that has room, or opens one.
    mutating func share(
        _ exchange: Exchange, _ pool: UpstreamPool, _ snapshot: RuntimeSnapshot, fresh: Bool
    ) {
        exchange.isShared = true
        exchange.intake.isComplete = false
        exchange.intake.taken = 0
        exchange.replay.rewind()
        // A new one is better, unless there may be none.
        let fresh = fresh && pool.mayConnect
        let limit = snapshot.settings.streamsPerConnection
        if let upstream = findShared(pool, limit: limit, fresh ? .opening : .any),
            let link = upstream.link
        {
            if upstream.phase == .connecting, !mayWaitForConnection(exchange) { return }
            board(exchange, upstream, link)
            return
        }
        do throws(HTTP2Fault) {
            let session = try beginSession(snapshot)
            guard mayWaitForConnection(exchange), let upstream = openUpstream(exchange, pool)
            else { return }
            let link = beginSharing(upstream, session)
            link.insert(exchange)
            exchange.carrier = upstream
            awaitConnect(upstream, exchange, for: exchange.timeouts.connect)
            awaitConnection(exchange)
        } catch {
            events.sample(.error, .internalError, now: now, "\(error)")
            fail(exchange, .downstreamFailed(ProxyError(.internalError)))
        }
    }

    /// Puts an exchange on a shared connection, where it waits for the connect or begins at once.
    mutating func board(
        _ exchange: Exchange, _ upstream: UpstreamConnection, _ link: UpstreamLink
    ) {
        link.insert(exchange)
        exchange.carrier = upstream
        if upstream.phase == .connecting {
            awaitConnection(exchange)
            return
        }
        wake(upstream)
        // One that others use ends only with its server.
        let isReused = upstream.requestCount > 0 && link.count == 1
        perform(exchange.handle(.upstreamReady(reused: isReused)), exchange)
    }

    /// Makes what a shared connection speaks by.
    func beginSession(_ snapshot: RuntimeSnapshot) throws(HTTP2Fault) -> HTTP2Session {
        try HTTP2Session(
            role: .client, settings: snapshot.settings.towardsServers,
            limits: snapshot.settings.responseLimits,
            sentHeadBytes: max(
                snapshot.settings.requestLimits.headBytes,
                snapshot.settings.http2.headerListBytes),
            budgets: Worker.serverBudgets, milliseconds: Worker.milliseconds(now))
    }

    /// A connection that is being opened is for many exchanges.
    mutating func beginSharing(
        _ upstream: UpstreamConnection, _ session: HTTP2Session
    ) -> UpstreamLink {
        let link = UpstreamLink(session: session)
        upstream.link = link
        upstream.pool.add(upstream)
        metrics.upstreamActive(upstream.pool.plan.label, by: 1)
        return link
    }

    /// A connection that takes the stream. What epoll has not told yet of one at rest counts as
    /// well: behind a goodbye that was not read, a request that must not be repeated would be lost.
    mutating func findShared(_ pool: UpstreamPool, limit: Int, _ wish: SharingWish)
        -> UpstreamConnection?
    {
        for _ in pool.shared {
            guard let upstream = pool.share(limit: limit, wish) else { return nil }
            // What is being heard at this moment is not read on behind its back.
            guard upstream.phase == .idle, upstream.inbound.isEmpty,
                upstream.socket.isReadableOrClosed()
            else { return upstream }
            upstream.canRead = true
            readUpstream(upstream)
        }
        return pool.share(limit: limit, wish)
    }

    /// A connection that rested serves again.
    private mutating func wake(_ upstream: UpstreamConnection) {
        guard upstream.phase == .idle else { return }
        upstream.phase = .busy
        metrics.upstreamIdle(upstream.pool.plan.label, by: -1)
        metrics.upstreamActive(upstream.pool.plan.label, by: 1)
        clearDeadline(upstream)
    }

    /// The server took the connection: what waited for it may be sent at once, before the server's
    /// SETTINGS have come (RFC 9113 §3.4).
    mutating func beginShared(_ upstream: UpstreamConnection, _ link: UpstreamLink) {
        clearDeadline(upstream)
        let slow = settleSharedRace(upstream)
        link.forEach { exchange in
            guard exchange.machine.state == .awaitingUpstream else { return }
            exchange.connectDuration = now - upstream.openedAt
            perform(exchange.handle(.upstreamReady(reused: false)), exchange)
        }
        // Nobody is to leave a live attempt for one that takes nothing.
        let takesStreams =
            !link.isLeaving && !upstream.isEndAnnounced && !upstream.isPeerDone
        if let slow, takesStreams { abandon(slow, for: upstream.pool) }
        guard upstream.phase == .busy else { return }
        markDirty(upstream)
        if link.count == 0 { rest(upstream, link) }
    }

    /// The server did not take the connection: what waited for it goes to the next one.
    mutating func sharedConnectFailed(
        _ upstream: UpstreamConnection, _ link: UpstreamLink, _ event: ExchangeMachine.Event
    ) {
        let rival = upstream.rival
        close(upstream)
        link.forEach { exchange in
            link.remove(exchange)
            exchange.carrier = nil
            if let rival, waits(exchange, for: rival) { return }
            perform(exchange.connectFailed(event), exchange)
        }
    }

    /// Begins the request's stream.
    mutating func sendShared(_ exchange: Exchange) {
        guard let upstream = exchange.carrier, let link = upstream.link,
            let connection = exchange.downstream,
            let snapshot = exchange.installed?.snapshot
        else { return }
        exchange.sentAt = now
        if Forwarding.asksForTunnel(exchange.request), !mayTunnel(exchange, link, snapshot) {
            return
        }
        message.begin()
        Forwarding.addRequestHead(
            exchange.request, client: connection.client, isTLS: connection.isTLS,
            isEarly: exchange.isEarly, rules: snapshot.settings.forwarding,
            identity: clientLines(exchange, connection),
            scheme: upstream.speaksTLS ? "https" : "http", scratch: &stage, to: &message)
        let endsStream =
            exchange.isBodyless && !exchange.asksForTunnel
            || exchange.machine.isRequestComplete && !exchange.asksForTunnel
                && exchange.requestTrailers.count == 0 && exchange.replay.remaining == 0
        guard link.session.takes(message) else {
            fail(exchange, .downstreamFailed(ProxyError(.headBeyondServer)))
            return
        }
        guard let stream = link.session.submitRequest(message, endsStream: endsStream) else {
            link.isLeaving = true
            fail(exchange, .upstreamRefused)
            return
        }
        upstream.requestCount += 1
        link.begin(exchange, stream: stream)
        _ = exchange.handle(.requestSent)
        markDirty(upstream)
        setServerDeadline(exchange, after: exchange.timeouts.firstByte)
        if exchange.link != nil, !exchange.asksForTunnel { awaitStreamBody(exchange) }
        pushRequest(exchange)
    }

    /// More of the request's body has come, or its end: the session takes it when the server has
    /// room.
    mutating func pushRequest(_ exchange: Exchange) {
        guard let upstream = exchange.carrier, let link = upstream.link, exchange.serverStream > 0
        else { return }
        if exchange.link == nil, !exchange.asksForTunnel, exchange.replay.remaining == 0 {
            guard let connection = exchange.downstream, !exchange.machine.isRequestComplete
            else { return }
            exchange.decodeRequest()
            if let fault = exchange.intake.fault {
                fail(exchange, .downstreamFailed(fault))
                return
            }
            guard exchange.intake.ready > 0 || exchange.intake.isDecoded else {
                awaitBody(connection, exchange)
                return
            }
            clearDeadline(connection)
        } else if exchange.hasRequestEnded, exchange.machine.state != .tunnelling {
            exchange.bodyDeadline = .distantFuture
        }
        link.session.resume(exchange.serverStream)
        markDirty(upstream)
    }

    /// Lets go of the stream; whoever shares the connection goes on.
    mutating func leaveShared(_ exchange: Exchange) {
        exchange.serverDeadline = .distantFuture
        guard let upstream = exchange.carrier, let link = upstream.link else { return }
        if exchange.serverStream > 0 {
            // Nothing happens where both sides have ended it.
            if link.session.reset(exchange.serverStream, .cancel) {
                let isTooMany = link.noteReset(now: now)
                // Those that a backend may have are not for clients to use up.
                if isTooMany, upstream.pool.limits.connections == nil { link.isLeaving = true }
            }
            link.session.consumed(exchange.responseQueue.count, of: exchange.serverStream)
        }
        link.remove(exchange)
        exchange.carrier = nil
        guard upstream.phase != .closed else { return }
        markDirty(upstream)
        if link.count == 0, upstream.phase == .busy { rest(upstream, link) }
    }

    /// Nobody uses the connection: it is kept for later requests, or ended.
    private mutating func rest(_ upstream: UpstreamConnection, _ link: UpstreamLink) {
        keepTicket(upstream)
        guard let snapshot = installed?.snapshot, !link.isLeaving,
            !upstream.pool.isRetired, !upstream.pool.standing.isDrained, !upstream.isPeerDone,
            !upstream.isEndAnnounced,
            upstream.pool.restingCount < snapshot.settings.idleUpstreamConnections
        else {
            endShared(upstream, link)
            return
        }
        upstream.phase = .idle
        metrics.upstreamActive(upstream.pool.plan.label, by: -1)
        metrics.upstreamIdle(upstream.pool.plan.label, by: 1)
        clearDeadline(upstream)
        setDeadline(upstream, after: snapshot.settings.timeouts.upstreamIdle)
    }

    /// Ends a connection that serves nobody, and says so (RFC 9113 §6.8).
    mutating func endShared(_ upstream: UpstreamConnection, _ link: UpstreamLink) {
        guard upstream.phase != .closed else { return }
        link.session.terminate(.noError)
        sayLastWords(upstream, link)
        close(upstream)
    }

    /// Sends what the session has still to say, as far as the kernel takes it.
    private mutating func sayLastWords(_ upstream: UpstreamConnection, _ link: UpstreamLink) {
        guard upstream.canWrite else { return }
        link.session.write(to: &upstream.outbound, upTo: Worker.bytesPerTurn, from: link)
        link.pulled.removeAll()
        guard !upstream.outbound.isEmpty else { return }
        _ = sendQueued(upstream)
        upstream.outbound.removeAll()
    }

    /// The connection is over, and with it every stream whose response was not complete.
    mutating func sharedEnded(_ upstream: UpstreamConnection, _ link: UpstreamLink, isFault: Bool) {
        if isFault { sayLastWords(upstream, link) }
        close(upstream)
        link.forEach { exchange in
            link.remove(exchange)
            exchange.carrier = nil
            exchange.serverDeadline = .distantFuture
            // What the client has not taken yet is all here.
            if exchange.hasResponseEnded, exchange.machine.state != .tunnelling { return }
            if isFault {
                upstreamFailed(exchange, .upstreamProtocol, .malformed)
            } else if exchange.machine.state == .awaitingResponse {
                upstreamFailed(exchange, .upstreamClosed, .closed)
            } else {
                upstreamFailed(exchange, .upstreamTruncated, .closed)
            }
        }
    }

    /// How often servers may do what brings nothing: they are the operator's own, and many of them
    /// measure the round trip by PING while they send.
    static let serverBudgets = {
        let often = HTTP2Budget(burst: 100_000, perSecond: 100_000)
        var budgets = HTTP2Budgets()
        budgets.resets = often
        budgets.settings = HTTP2Budget(burst: 1000, perSecond: 100)
        budgets.pings = often
        budgets.emptyData = often
        budgets.windowUpdates = HTTP2Budget(burst: 1_000_000, perSecond: 1_000_000)
        budgets.lateFrames = often
        return budgets
    }()
}

extension RuntimeSettings {
    /// What servers are told: each stream may send as much ahead as may wait for its client, and
    /// all together as much, so that a client that does not read stops nobody else's stream.
    fileprivate var towardsServers: HTTP2Settings {
        var settings = HTTP2Settings()
        settings.streamWindow = max(65_535, bufferBytes)
        settings.connectionWindow = min(1 << 30, settings.streamWindow * streamsPerConnection)
        settings.headerListBytes = responseLimits.headBytes
        return settings
    }
}
