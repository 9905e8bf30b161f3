internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import Telemetry

/// What servers say on shared connections, and what the sessions take of requests.
extension Worker {
    /// Takes what came on a shared connection.
    mutating func serveShared(_ upstream: UpstreamConnection, _ link: UpstreamLink) {
        if !upstream.inbound.isEmpty {
            let fault = link.session.receive(
                upstream.inbound.bytes, milliseconds: Worker.milliseconds(now))
            while let event = link.session.nextEvent() { take(event, upstream, link) }
            upstream.inbound.removeAll()
            advanceTouched(upstream, link)
            guard upstream.phase != .closed else { return }
            if fault != nil {
                sharedEnded(upstream, link, isFault: true)
                return
            }
        }
        if upstream.isPeerDone || link.session.isOver {
            sharedEnded(upstream, link, isFault: false)
            return
        }
        if upstream.phase == .idle { upstream.inbound.releaseStorageIfEmpty() }
        if link.isLeaving, link.count == 0 { endShared(upstream, link) }
        if upstream.phase != .closed, link.session.wantsWrite { markDirty(upstream) }
    }

    private mutating func take(
        _ event: HTTP2Event, _ upstream: UpstreamConnection, _ link: UpstreamLink
    ) {
        switch event {
        case .response(let stream, let token, let endsStream):
            guard let exchange = link.exchange(token, of: stream) else { return }
            takeHead(exchange, link, endsStream: endsStream)
        case .data(let stream, let token, let range):
            guard let exchange = link.exchange(token, of: stream),
                exchange.machine.state != .finished
            else {
                link.session.consumed(range.count, of: stream)
                return
            }
            Exchange.copy(range, of: upstream.inbound, to: &exchange.responseQueue)
            link.touch(exchange)
        case .end(let stream, let token, let hasTrailers):
            guard let exchange = link.exchange(token, of: stream) else { return }
            if hasTrailers { link.session.takeTrailers(into: &exchange.responseTrailers) }
            exchange.hasResponseEnded = true
            link.touch(exchange)
        case .reset(let stream, let token, let code, let isByPeer):
            guard let exchange = link.exchange(token, of: stream) else { return }
            // What came before comes first.
            advance(exchange, upstream)
            if exchange.carrier === upstream { streamReset(exchange, code, isByPeer: isByPeer) }
        case .goAway: link.isLeaving = true
        case .settings:
            upstream.pool.streamLimit = link.session.peerConcurrentStreams
            guard !link.hasSettings else { return }
            link.hasSettings = true
            sendTunnels(link)
        case .request, .refused: break
        }
    }

    private mutating func takeHead(_ exchange: Exchange, _ link: UpstreamLink, endsStream: Bool) {
        guard exchange.machine.state == .awaitingResponse, !exchange.hasResponseHead,
            let connection = exchange.downstream
        else { return }
        link.session.takeResponse(into: &exchange.response)
        exchange.headBytes = max(exchange.headBytes, exchange.response.byteCount)
        if exchange.firstByteAt == nil {
            exchange.firstByteAt = now
            _ = exchange.handle(.responseBegan)
        }
        guard exchange.response.status >= 200 else {
            relayInterim(exchange, connection)
            return
        }
        exchange.hasResponseHead = true
        exchange.hasResponseEnded = endsStream
        link.touch(exchange)
    }

    private mutating func advanceTouched(_ upstream: UpstreamConnection, _ link: UpstreamLink) {
        var index = 0
        while index < link.touched.count {
            let exchange = link.touched[index]
            index += 1
            exchange.isTouched = false
            advance(exchange, upstream)
        }
        link.touched.removeAll(keepingCapacity: true)
    }

    /// Goes on with a response of which more has come.
    private mutating func advance(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        guard exchange.carrier === upstream, let connection = exchange.downstream else { return }
        switch exchange.machine.state {
        case .awaitingResponse
        where exchange.hasResponseHead && exchange.asksForTunnel && exchange.response.status < 300:
            judge(exchange)
            perform(exchange.handle(.switchedProtocols), exchange)
        case .awaitingResponse where exchange.hasResponseHead:
            judge(exchange)
            finalHead(exchange)
        case .streaming where exchange.link != nil, .tunnelling where exchange.link != nil:
            streamAdvanced(exchange)
        case .streaming: relaySharedBody(exchange, connection)
        case .tunnelling: relaySharedTunnel(exchange, connection)
        case .awaitingUpstream, .awaitingResponse, .finished: break
        }
    }

    private mutating func streamReset(_ exchange: Exchange, _ code: HTTP2ErrorCode, isByPeer: Bool)
    {
        // RFC 9113 §8.1: a server that has said all may ask for no more of the request.
        if exchange.hasResponseEnded, exchange.machine.state != .tunnelling { return }
        if code == .refusedStream {
            // Who said goodbye first has not failed.
            if isByPeer, exchange.carrier?.link?.isLeaving != true, let server = exchange.server {
                metrics.upstreamFailed(server.plan.label, reason: .refused)
            }
            fail(exchange, .upstreamRefused)
        } else if isByPeer {
            upstreamFailed(exchange, .upstreamReset(code), .reset)
        } else {
            upstreamFailed(exchange, .upstreamProtocol, .malformed)
        }
    }

    /// Passes on what has come of the response's body, as far as an HTTP/1.1 client takes it.
    mutating func relaySharedBody(_ exchange: Exchange, _ connection: DownstreamConnection) {
        guard let snapshot = exchange.installed?.snapshot else { return }
        while !exchange.responseQueue.isEmpty,
            connection.outbound.count < snapshot.settings.bufferBytes
        {
            let count = min(exchange.responseQueue.count, Worker.bytesPerTurn)
            exchange.bytesOut += count
            emitBody(exchange.responseQueue.bytes(in: 0..<count), exchange, connection)
            exchange.takeResponse(count)
        }
        if let carrier = exchange.carrier { markDirty(carrier) }
        let isComplete = exchange.hasResponseEnded && exchange.responseQueue.isEmpty
        if isComplete, exchange.bodyForm == .chunked {
            exchange.settleResponseTrailers()
            MessageWriter.appendLastChunk(trailers: exchange.responseTrailers, to: &stage)
        }
        sealStage(connection)
        if isComplete {
            perform(exchange.handle(.responseCompleted), exchange)
        } else {
            setServerDeadline(exchange, after: exchange.timeouts.betweenBytes)
            restartBodyClock(exchange)
        }
    }

    /// An HTTP/1.1 client has taken what was queued for it.
    mutating func resumeShared(_ exchange: Exchange, _ connection: DownstreamConnection) {
        guard !exchange.responseQueue.isEmpty else { return }
        switch exchange.machine.state {
        case .streaming: relaySharedBody(exchange, connection)
        case .tunnelling: relaySharedTunnel(exchange, connection)
        case .awaitingUpstream, .awaitingResponse, .finished: break
        }
    }

    /// Lets the session write what the server has room for.
    mutating func pumpShared(_ upstream: UpstreamConnection, _ link: UpstreamLink) {
        while upstream.outbound.count < Worker.bytesPerTurn, link.session.wantsWrite {
            let before = upstream.outbound.count
            link.session.write(to: &upstream.outbound, upTo: Worker.bytesPerTurn, from: link)
            if upstream.outbound.count == before { break }
        }
        var index = 0
        while index < link.pulled.count {
            let exchange = link.pulled[index]
            index += 1
            if exchange.carrier === upstream { requestTaken(exchange) }
        }
        link.pulled.removeAll()
        // What a write finds out is told, too.
        while let event = link.session.nextEvent() { take(event, upstream, link) }
        advanceTouched(upstream, link)
        if link.session.fault != nil, upstream.phase != .closed {
            sharedEnded(upstream, link, isFault: true)
        }
    }

    /// Everything queued has left: there may be more.
    mutating func sharedFlushed(_ upstream: UpstreamConnection, _ link: UpstreamLink) {
        if upstream.canWrite, link.session.wantsWrite { markDirty(upstream) }
        if upstream.canRead { markReady(upstream) }
    }

    /// The session has taken some of a request.
    private mutating func requestTaken(_ exchange: Exchange) {
        guard let connection = exchange.downstream else { return }
        connection.inbound.releaseStorageIfEmpty()
        if let fault = exchange.intake.fault {
            fail(exchange, .downstreamFailed(fault))
            return
        }
        let isMoved = exchange.intake.taken > 0
        exchange.intake.taken = 0
        if exchange.intake.isComplete { _ = exchange.handle(.requestCompleted) }
        if exchange.machine.state == .tunnelling {
            tunnelTaken(exchange, connection)
            return
        }
        if exchange.machine.state == .awaitingResponse {
            setServerDeadline(exchange, after: exchange.timeouts.firstByte)
        } else if isMoved {
            setServerDeadline(exchange, after: exchange.timeouts.betweenBytes)
        }
        if exchange.link != nil {
            markDirty(connection)
            awaitStreamBody(exchange)
        } else if exchange.machine.isRequestComplete {
            clearDeadline(connection)
        } else {
            if exchange.intake.ready == 0 { awaitBody(connection, exchange) }
            markReady(connection)
        }
    }
}
