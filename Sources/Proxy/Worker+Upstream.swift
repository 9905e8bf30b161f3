internal import Bytes
internal import HTTP
internal import Platform
internal import Telemetry

extension Worker {
    /// Takes what epoll says of a server's connection.
    mutating func upstreamEvent(_ id: SlotID, _ event: Poller.Event) {
        guard let upstream = upstreams[id], upstream.phase != .closed else {
            metrics.staleEvent()
            return
        }
        if upstream.phase == .connecting {
            if upstream.isHandshaking {
                handshakeEvent(upstream, event)
            } else {
                connectEnded(upstream, event)
            }
            return
        }
        if event.isWritable, !upstream.canWrite {
            upstream.canWrite = true
            markDirty(upstream)
        }
        if event.isPeerClosed || event.isHangup { upstream.isEndAnnounced = true }
        if event.isReadable || event.isPeerClosed || event.isHangup {
            upstream.canRead = true
            readUpstream(upstream)
        }
    }

    private mutating func connectEnded(_ upstream: UpstreamConnection, _ event: Poller.Event) {
        guard event.isWritable || event.isHangup else { return }
        let code = event.isHangup ? upstream.socket.pendingError() : 0
        guard code == 0, !event.isHangup else {
            connectFailed(upstream, timedOut: false, detail: SystemError.explain(code))
            return
        }
        upstream.canWrite = true
        // An edge is told once: what came with this one is not told again.
        if event.isPeerClosed { upstream.isEndAnnounced = true }
        if event.isReadable || event.isPeerClosed { upstream.canRead = true }
        introduce(upstream)
        if upstream.pool.plan.tls != nil {
            beginHandshake(upstream)
        } else {
            connected(upstream)
        }
    }

    /// The server is ready for requests.
    mutating func connected(_ upstream: UpstreamConnection) {
        upstream.pool.standing.embrace()
        upstream.pool.tally?.held.serverIsBack()
        metrics.upstreamTried(upstream.pool.plan.label, isUp: true, now: now)
        upstream.phase = .busy
        if upstream.canRead { markReady(upstream) }
        if let link = upstream.link {
            beginShared(upstream, link)
            return
        }
        guard let exchange = upstream.exchange else {
            close(upstream)
            return
        }
        settleRace(upstream, exchange)
        exchange.connectDuration = now - upstream.openedAt
        perform(exchange.handle(.upstreamReady(reused: false)), exchange)
    }

    /// A server did not take the connection: the request goes to the next one.
    mutating func connectFailed(_ upstream: UpstreamConnection, timedOut: Bool, detail: String) {
        connectFailed(
            upstream, timedOut ? .connectTimeout : .connect, detail,
            .connectFailed(timedOut: timedOut))
    }

    /// A server cannot be spoken with: the request goes to the next one.
    mutating func connectFailed(
        _ upstream: UpstreamConnection, _ reason: UpstreamFailureReason, _ detail: String,
        _ event: ExchangeMachine.Event
    ) {
        blame(upstream, reason, detail)
        // What was offered may be the reason, and a session of TLS 1.2 is offered again and again.
        if upstream.offersTicket {
            upstream.pool.tickets(forBytes: upstream.isForBytes).removeAll()
        }
        if let link = upstream.link {
            sharedConnectFailed(upstream, link, event)
            return
        }
        guard let exchange = upstream.exchange else {
            close(upstream)
            return
        }
        if leaveRace(upstream) { return }
        releaseUpstream(exchange, reusable: false)
        perform(exchange.connectFailed(event), exchange)
    }

    /// Counts that a server has not taken a connection, once for each, and passes it over for a
    /// while.
    mutating func blame(
        _ upstream: UpstreamConnection, _ reason: UpstreamFailureReason, _ detail: String
    ) {
        let pool = upstream.pool
        pool.avoid(now: now)
        guard !upstream.isBlamed else { return }
        upstream.isBlamed = true
        metrics.upstreamTried(pool.plan.label, isUp: false, now: now)
        judge(pool, isFailure: true)
        metrics.upstreamFailed(pool.plan.label, reason: reason)
        events.upstreamFailed(
            server: pool.plan.name, reason: reason.label, detail: detail, now: now)
    }

    /// Reads once, if there is something to read and room for it at the client's end, and goes on
    /// with what came.
    mutating func readUpstream(_ upstream: UpstreamConnection) {
        guard upstream.canRead, upstream.phase == .busy || upstream.phase == .idle else { return }
        if let exchange = upstream.exchange, isFull(exchange, upstream) { return }
        // Windows bound what streams bring; answers to what else the server sends must not pile up
        // while it reads none.
        if upstream.link != nil, upstream.outbound.count >= Worker.bytesPerTurn * 2 { return }
        let speaksTLS = upstream.speaksTLS && upstream.tls != nil
        if speaksTLS, upstream.sealed.count >= Worker.mostSealed {
            upstream.isHeldBack = true
            return
        }
        let before = speaksTLS ? upstream.inbound.count : 0
        let limit = readLimit(upstream)
        let outcome =
            !speaksTLS
            ? upstream.socket.receive(into: &upstream.inbound, atMost: limit)
            : receiveSealed(upstream, atMost: limit)
        switch outcome {
        case .bytes(let count):
            upstream.heardAt = now
            upstream.bringsMuch = bringsMuch(count)
            if count < limit && !upstream.isEndAnnounced {
                upstream.canRead = false
            } else {
                markReady(upstream)
            }
        case .wouldBlock:
            upstream.canRead = false
            upstream.inbound.releaseStorageIfEmpty()
            return
        case .endOfStream:
            upstream.canRead = false
            upstream.isPeerDone = true
        case .failed:
            upstream.canRead = false
            upstream.isPeerDone = true
            upstream.isBroken = true
        }
        // What TLS says by itself keeps no tunnel open.
        let isIdle =
            speaksTLS && upstream.inbound.count == before && !upstream.isPeerDone
            && upstream.exchange?.machine.state == .tunnelling
        if !isIdle { proceed(upstream) }
        upstream.inbound.releaseStorageIfEmpty()
    }

    /// True exactly when the client has not taken enough of what waits for it.
    private mutating func isFull(_ exchange: Exchange, _ upstream: UpstreamConnection) -> Bool {
        let limit = installed?.snapshot.settings.bufferBytes ?? Worker.bytesPerTurn
        // What a stream's client has not taken stays where it was read. A head that has not ended
        // is not for the client to take: its own limit ends it.
        if let link = exchange.link {
            let most = link.sealsInPlace ? min(limit, HTTP2Link.fullBytes) : limit
            return exchange.machine.state != .awaitingResponse && upstream.inbound.count >= most
        }
        return exchange.downstream.map { $0.outbound.count >= limit } ?? false
    }

    /// Goes on with what was read.
    mutating func proceed(_ upstream: UpstreamConnection) {
        if let link = upstream.link {
            serveShared(upstream, link)
            return
        }
        guard let exchange = upstream.exchange, let connection = exchange.downstream else {
            // An idle connection has nothing to say: bytes or an end, it is of no more use. Of TLS
            // there may be tickets.
            if upstream.tls == nil || upstream.isPeerDone || !upstream.inbound.isEmpty {
                close(upstream)
            }
            return
        }
        switch exchange.machine.state {
        case .awaitingResponse: receiveHead(exchange, upstream, connection)
        case .streaming where exchange.link != nil, .tunnelling where exchange.link != nil:
            streamAdvanced(exchange)
        case .streaming: relayResponseBody(exchange, upstream, connection)
        case .tunnelling: relayTunnelFromUpstream(exchange, upstream, connection)
        case .awaitingUpstream, .finished: close(upstream)
        }
    }

    /// Parses the response's head, interim ones first (RFC 9110 §15.2).
    private mutating func receiveHead(
        _ exchange: Exchange, _ upstream: UpstreamConnection, _ connection: DownstreamConnection
    ) {
        if exchange.firstByteAt == nil, !upstream.inbound.isEmpty {
            exchange.firstByteAt = now
            _ = exchange.handle(.responseBegan)
        }
        while exchange.machine.state == .awaitingResponse, exchange.upstream === upstream {
            switch exchange.parseResponse(upstream.inbound.bytes) {
            case .needsMore:
                if upstream.isPeerDone { upstreamFailed(exchange, .upstreamClosed, .closed) }
                return
            case .failed(let fault):
                upstreamFailed(exchange, .upstreamMalformed(fault), .malformed)
                return
            case .complete(let consumed):
                upstream.inbound.removeFirst(consumed)
                exchange.headBytes = max(exchange.headBytes, consumed)
                headArrived(exchange, upstream, connection)
            }
        }
    }

    private mutating func headArrived(
        _ exchange: Exchange, _ upstream: UpstreamConnection, _ connection: DownstreamConnection
    ) {
        let status = exchange.response.status
        if status == 101 {
            // Before the request has ended, its body would be taken for the new protocol.
            if exchange.machine.isRequestComplete,
                Forwarding.isAskedFor(
                    exchange.response, by: exchange.request, webSocket: exchange.webSocket)
            {
                judge(exchange)
                perform(exchange.handle(.switchedProtocols), exchange)
            } else {
                upstreamFailed(exchange, .upstreamMalformed(.unexpectedUpgrade), .malformed)
            }
            return
        }
        if status < 200 {
            relayInterim(exchange, connection)
            return
        }
        if exchange.form.hasTunnelProtocol, status < 300 {
            // The client would take it for the begin of the tunnel (RFC 8441 §5).
            upstreamFailed(exchange, .upstreamMalformed(.missingUpgrade), .malformed)
            return
        }
        judge(exchange)
        let framing = exchange.response.framing(requestMethod: exchange.form.method)
        exchange.responseBody = BodyDecoder(
            framing,
            trailerLimits: exchange.installed?.snapshot.settings.responseLimits ?? MessageLimits())
        finalHead(exchange)
    }

    /// Passes on an interim response, as long as there are few.
    mutating func relayInterim(_ exchange: Exchange, _ connection: DownstreamConnection) {
        exchange.interimCount += 1
        guard exchange.interimCount <= Worker.interimLimit else {
            upstreamFailed(exchange, .upstreamMalformed(.tooManyInterimResponses), .malformed)
            return
        }
        if exchange.response.status == 100, exchange.form.expectsContinue,
            !exchange.awaitsContinue
        {
            // A server before this one has said so.
        } else if let link = exchange.link {
            relayStreamInterim(exchange, link)
        } else if exchange.form.version == .http11 {
            Forwarding.appendInterimHead(exchange.response, to: &stage)
            sealStage(connection)
        }
        if exchange.response.status == 100, exchange.awaitsContinue {
            exchange.awaitsContinue = false
            awaitContent(exchange, connection)
        }
        exchange.response.reset()
        exchange.expectResponse()
    }

    /// The client has been told to go on: its body is what is waited for now, unless it has not
    /// waited itself; then its clock runs as far as the server takes what it sends.
    private mutating func awaitContent(_ exchange: Exchange, _ connection: DownstreamConnection) {
        if exchange.link != nil {
            awaitStreamBody(exchange)
        } else if exchange.bytesIn == 0, !exchange.machine.isRequestComplete {
            awaitBody(connection, exchange)
        }
    }

    /// Counts what the server did wrong, and lets the machine decide.
    mutating func upstreamFailed(
        _ exchange: Exchange, _ kind: ProxyError.Kind, _ reason: UpstreamFailureReason
    ) {
        if let server = exchange.server {
            if exchange.blames(kind) { judge(server, isFailure: true) }
            metrics.upstreamFailed(server.plan.label, reason: reason)
            events.upstreamFailed(
                server: server.plan.name, reason: ProxyError(kind).label, detail: "", now: now)
        }
        fail(exchange, .upstreamFailed(ProxyError(kind)))
    }

    /// How many 1xx responses a server may send before the final one.
    static let interimLimit = 10
}

extension Exchange {
    /// True exactly when a failure says that the server is not well: not what any client can bring
    /// about by asking for a tunnel or by waiting for 100, and not the end of a connection that had
    /// served before and that the server may have closed while it rested.
    fileprivate func blames(_ kind: ProxyError.Kind) -> Bool {
        switch kind {
        case .upstreamMalformed(.missingUpgrade), .upstreamWithoutTunnels: false
        case .upstreamClosed: !machine.isStale
        // It need not say 100, and the client need not wait for that for ever.
        case .upstreamFirstByteTimeout: !awaitsServer
        default: true
        }
    }
}
