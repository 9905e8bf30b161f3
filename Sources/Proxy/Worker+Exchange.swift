internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import Telemetry

extension Worker {
    /// Tells the machine what happened and does what it says.
    mutating func fail(_ exchange: Exchange, _ event: ExchangeMachine.Event) {
        perform(exchange.handle(event), exchange)
    }

    /// Does what the machine says.
    mutating func perform(_ action: ExchangeMachine.Action, _ exchange: Exchange) {
        switch action {
        case .proceed: break
        case .connect(let fresh): reconnect(exchange, fresh: fresh)
        case .retry(let cause): retry(exchange, cause)
        case .hold: hold(exchange)
        case .send:
            connectionMade(exchange)
            send(exchange)
        case .relayHead:
            setAffinity(exchange)
            relayResponseHead(exchange)
        case .openTunnel:
            setAffinity(exchange)
            openTunnel(exchange)
        case .answer(let error): answer(exchange, error)
        case .truncate(let error):
            exchange.error = error
            if exchange.tellsByGRPC(error), cutShort(exchange, error) { return }
            if exchange.link != nil {
                dropStream(exchange, because: error)
            } else if let connection = exchange.downstream {
                abort(connection, because: error)
            }
        case .finish: finish(exchange)
        }
    }

    /// Sends the request to the server whose turn it is, or lets it wait for one; true exactly when
    /// there was one.
    @discardableResult
    mutating func connect(_ exchange: Exchange, fresh: Bool) -> Bool {
        releaseUpstream(exchange, reusable: false)
        guard let place = exchange.findBackend() else { return false }
        guard isFirstInLine(exchange), let pool = chooseServer(exchange, place) else {
            // Nobody takes what the client sends meanwhile.
            if let connection = exchange.downstream, connection.deadlineKind == .requestBody {
                clearDeadline(connection)
            }
            turnAway(exchange, place, fresh: fresh)
            return false
        }
        connect(exchange, to: pool, fresh: fresh)
        return true
    }

    /// Takes an idle connection to a server, or opens one.
    mutating func connect(_ exchange: Exchange, to pool: UpstreamPool, fresh: Bool) {
        guard exchange.installed != nil else { return }
        // A connection that has carried requests is none for bytes.
        let fresh = fresh || exchange.tcp != nil
        exchange.prepareResponse(isFirst: exchange.server == nil)
        exchange.server = pool
        metrics.upstreamRequest(pool.plan.label)
        leaveOutdated(pool)
        if pool.plan.speaks.isHTTP2 {
            guard let snapshot = exchange.installed?.snapshot else { return }
            share(exchange, pool, snapshot, fresh: fresh)
            return
        }
        exchange.isShared = false
        while !fresh, let idle = checkOut(pool, for: exchange) {
            metrics.upstreamWoke(pool.plan.label)
            // Bytes that nobody asked for would be taken for the response to this request, and an
            // end would cost it a retry. Servers' events come first: there is more to come only
            // while they are heard, or where a batch was full.
            let isSpoilt =
                idle.isPeerDone || idle.isEndAnnounced
                || (!hasSeenAll && idle.socket.isReadableOrClosed())
            if isSpoilt {
                idle.phase = .busy
                close(idle)
                continue
            }
            attach(idle, to: exchange)
            perform(exchange.handle(.upstreamReady(reused: true)), exchange)
            return
        }
        // What rests, and is of no use to this one, gives way to what is to be new.
        if !pool.mayConnect, let idle = pool.idle.first ?? pool.owned.first { close(idle) }
        guard mayWaitForConnection(exchange), let upstream = openUpstream(exchange, pool)
        else { return }
        metrics.upstreamActive(pool.plan.label, by: 1)
        attach(upstream, to: exchange)
        awaitConnect(upstream, exchange, for: exchange.timeouts.connect)
        awaitConnection(exchange)
    }

    private mutating func attach(_ upstream: UpstreamConnection, to exchange: Exchange) {
        upstream.phase = .busy
        upstream.exchange = exchange
        exchange.upstream = upstream
    }

    /// Begins to connect to a server; nil where that fails at once, which the exchange is told.
    mutating func openUpstream(_ exchange: Exchange, _ pool: UpstreamPool) -> UpstreamConnection? {
        do throws(OpeningFailure) {
            return try open(pool, for: exchange)
        } catch {
            openingFailed(exchange, pool, error)
            return nil
        }
    }

    /// Begins to connect to a server.
    mutating func open(
        _ pool: UpstreamPool, for exchange: Exchange
    ) throws(OpeningFailure) -> UpstreamConnection {
        let upstream: UpstreamConnection
        do throws(SystemError) {
            let socket = try Socket.connect(to: pool.plan.address)
            upstream = UpstreamConnection(
                id: upstreams.nextID, socket: socket, pool: pool, buffers: buffers, now: now)
        } catch {
            throw OpeningFailure(cause: error, isOurs: error.isShortage)
        }
        do throws(SystemError) {
            try poller.add(
                upstream.socket.rawDescriptor, token: Token.upstream(upstream.id).packed,
                interest: [.readable, .writable, .peerClosed, .edgeTriggered])
        } catch {
            throw OpeningFailure(cause: error, isOurs: true)
        }
        upstream.isForBytes = exchange.tcp != nil
        own(upstream, exchange)
        upstreams.insert(upstream, at: upstream.id)
        pool.load.openCount += 1
        return upstream
    }

    /// A connect has failed at once. What is short here is short towards every server: the request
    /// is held, if it may be, or the client hears of it.
    private mutating func openingFailed(
        _ exchange: Exchange, _ pool: UpstreamPool, _ failure: OpeningFailure
    ) {
        note(failure, of: pool)
        if failure.isOurs {
            fail(exchange, .noServer)
            return
        }
        perform(exchange.connectFailed(.connectFailed(timedOut: false)), exchange)
    }

    /// Counts a connect that has failed at once; what is short here says nothing of the server.
    mutating func note(_ failure: OpeningFailure, of pool: UpstreamPool) {
        events.upstreamFailed(
            server: pool.plan.name, reason: "connect", detail: "\(failure.cause)", now: now)
        if failure.isOurs { return }
        pool.avoid(now: now)
        metrics.upstreamTried(pool.plan.label, isUp: false, now: now)
        if !failure.cause.isAddressShortage { judge(pool, isFailure: true) }
        metrics.upstreamFailed(pool.plan.label, reason: .connect)
    }

    /// Puts the request's head on the server's connection.
    private mutating func send(_ exchange: Exchange) {
        if exchange.isShared {
            sendShared(exchange)
            return
        }
        if exchange.tcp != nil {
            openTCP(exchange)
            return
        }
        guard let upstream = exchange.upstream, let connection = exchange.downstream,
            let snapshot = exchange.installed?.snapshot
        else { return }
        upstream.requestCount += 1
        exchange.sentAt = now
        let isWebSocket = exchange.form.hasTunnelProtocol && exchange.request.isWebSocketTunnel
        exchange.webSocket = isWebSocket ? WebSocketHandshake() : nil
        Forwarding.appendRequestHead(
            exchange.request, client: connection.client, isTLS: connection.isTLS,
            isEarly: exchange.isEarly, rules: snapshot.settings.forwarding,
            identity: clientLines(exchange, connection),
            webSocketKey: exchange.webSocket?.key ?? [], to: &upstream.outbound)
        markDirty(upstream)
        setDeadline(upstream, after: exchange.timeouts.firstByte)
        if exchange.replay.bytes.count > 0 {
            // An attempt before this one has taken the begin of the body.
            replayBody(exchange, to: upstream)
        }
        if exchange.machine.isRequestComplete, exchange.form.framing == .chunked {
            // An attempt before this one has taken the end of a body without a byte.
            MessageWriter.appendLastChunk(
                trailers: exchange.requestTrailers, to: &upstream.outbound)
        }
        relayRequestBody(connection, exchange)
    }

    /// Gives the client an answer of our own in place of the server's.
    mutating func answer(_ exchange: Exchange, _ error: ProxyError) {
        exchange.error = error
        // Whatever is found about its password now comes too late.
        exchange.ticket = 0
        guard let connection = exchange.downstream else { return }
        if exchange.tcp != nil {
            abort(connection, because: error)
            return
        }
        releaseUpstream(exchange, reusable: false)
        if let link = exchange.link {
            answerStream(exchange, link, error)
            return
        }
        if !exchange.isBodyTaken || drainDeadline != nil { exchange.keepsAlive = false }
        if exchange.tellsByGRPC(error) {
            answerGRPC(exchange, error, connection)
            return
        }
        exchange.status = error.status
        exchange.response.reset()
        exchange.applyResponseRules(connection)
        LocalAnswer.append(
            error, isHead: exchange.form.method == .head, persistence: exchange.persistence,
            fields: exchange.response.fields, site: exchange.siteFields, isTLS: connection.isTLS,
            to: &stage)
        sealStage(connection)
        finish(exchange)
    }

    /// Sends the client to the same place under HTTPS.
    mutating func redirect(_ exchange: Exchange, to port: UInt16) {
        guard let connection = exchange.downstream else { return }
        // HTTP/1.0 may leave the host out; without it there is no place to send the client to.
        guard !exchange.request.host.isEmpty else {
            answer(exchange, ProxyError(.badRequest(.missingHost)))
            return
        }
        if !exchange.isBodyTaken { exchange.keepsAlive = false }
        exchange.status = 308
        LocalAnswer.appendRedirect(
            exchange.request, port: port, persistence: exchange.persistence, to: &stage)
        sealStage(connection)
        finish(exchange)
    }

    /// Accounts for the exchange, and lets the connection go on with the next request or end.
    mutating func finish(_ exchange: Exchange) {
        guard let connection = exchange.downstream else { return }
        if let link = exchange.link {
            finishStream(exchange, link)
            return
        }
        releaseUpstream(exchange, reusable: exchange.isUpstreamReusable)
        account(exchange, connection)
        let goesOn =
            exchange.keepsAlive && exchange.isBodyTaken && drainDeadline == nil
            && !connection.isPeerDone
        connection.isClientFinal =
            !exchange.form.isKeepAlive && exchange.isBodyTaken && connection.inbound.isEmpty
        connection.exchange = nil
        recycle(exchange)
        guard goesOn, connection.phase == .http1 else {
            if connection.phase == .http1 || connection.phase == .tunnel {
                beginClosing(connection)
            }
            return
        }
        if let snapshot = installed?.snapshot {
            setDeadline(connection, .keepAlive, after: snapshot.settings.timeouts.keepAlive)
        }
        // What it has sent meanwhile may stand in the kernel, which has told of it once.
        if !connection.inbound.isEmpty || connection.canRead { markReady(connection) }
    }

    /// Ends a connection at once, so that what the client has cannot look complete: no last chunk,
    /// no `close_notify`, and a reset in place of FIN. What is queued goes out first, as far as the
    /// kernel takes it.
    mutating func abort(_ connection: DownstreamConnection, because error: ProxyError) {
        guard connection.phase != .closed else { return }
        if let exchange = connection.exchange {
            if exchange.isBegun {
                exchange.error = exchange.error ?? error
                if exchange.status == 0 { exchange.status = error.status }
                // Neither end of a TCP site's connection is to take what it has for all.
                if exchange.tcp != nil { exchange.upstream?.socket.setResetOnClose() }
                releaseUpstream(exchange, reusable: false)
                account(exchange, connection)
            }
            connection.exchange = nil
            recycle(exchange)
        }
        if let link = connection.link { endStreams(link, because: error) }
        if !connection.outbound.isEmpty, connection.canWrite {
            _ = connection.socket.send(connection.outbound.bytes)
        }
        connection.socket.setResetOnClose()
        close(connection)
    }

    /// Keeps an ended exchange for another request, unless it holds the memory of a large head:
    /// a few clients could make us keep megabytes otherwise.
    mutating func recycle(_ exchange: Exchange) {
        exchange.retire()
        guard exchange.headBytes <= Worker.spareHeadBytes,
            spareExchanges.count < Worker.spareExchangeLimit
        else { return }
        spareExchanges.append(exchange)
    }

    /// Gives the server's connection back to its pool, or closes it.
    mutating func releaseUpstream(_ exchange: Exchange, reusable: Bool) {
        leavePlace(exchange)
        if exchange.isShared { leaveShared(exchange) }
        endRace(exchange)
        guard let upstream = exchange.upstream else { return }
        exchange.upstream = nil
        upstream.exchange = nil
        keepTicket(upstream)
        let limit = installed?.snapshot.settings.idleUpstreamConnections ?? 0
        guard reusable, upstream.phase == .busy, upstream.inbound.isEmpty,
            upstream.hasSentAll,
            !upstream.isPeerDone, !upstream.isEndAnnounced,
            !(upstream.canRead && upstream.socket.isReadableOrClosed()),
            settleOwner(upstream, exchange), checkIn(upstream, limit: limit)
        else {
            close(upstream)
            return
        }
        upstream.phase = .idle
        upstream.inbound.releaseStorageIfEmpty()
        metrics.upstreamRested(upstream.pool.plan.label)
        if let snapshot = installed?.snapshot {
            setDeadline(upstream, after: snapshot.settings.timeouts.upstreamIdle)
        }
    }
}

extension Exchange {
    /// What the site adds to responses; nothing before it is known.
    var siteFields: SiteFields {
        guard let site, let installed else { return .none }
        return installed.snapshot.sites[site].fields
    }

    /// True exactly when the client owes nothing more of this request, so that what comes next is
    /// another one.
    var isBodyTaken: Bool {
        machine.isRequestComplete || isBodyless
    }

    /// True exactly when the request has no body.
    var isBodyless: Bool { form.framing == .none || form.framing == .length(0) }

    /// True exactly when the server's connection is at the boundary between two messages.
    var isUpstreamReusable: Bool {
        tcp == nil && error == nil && machine.isRequestComplete && responseBody.isComplete
            && response.isKeepAlive
            && machine.state == .finished && status != 101 && !form.hasTunnelProtocol
    }
}
