internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import Telemetry

extension Worker {
    /// Passes on what came of a request's body, or keeps it until the server takes it; the client's
    /// window opens again as far as the server has taken it.
    mutating func takeBody(
        _ connection: DownstreamConnection, _ link: HTTP2Link, _ stream: Int32,
        _ exchange: Exchange?, _ range: Range<Int>
    ) {
        guard let exchange, exchange.machine.state != .finished else {
            link.session.consumed(range.count, of: stream)
            return
        }
        exchange.bytesIn += range.count
        if let limit = exchange.requestBodyLimit,
            exchange.bytesIn > limit, exchange.machine.state != .tunnelling
        {
            link.session.consumed(range.count, of: stream)
            fail(exchange, .downstreamFailed(ProxyError(.bodyTooLarge)))
            return
        }
        if exchange.requestQueue.isEmpty, let upstream = upstreamWithRoom(exchange) {
            pass(connection.inbound, range, of: exchange, to: upstream)
            link.session.consumed(range.count, of: stream)
        } else {
            Exchange.copy(range, of: connection.inbound, to: &exchange.requestQueue)
            if exchange.isShared { pushRequest(exchange) }
        }
        awaitStreamBody(exchange)
    }

    /// Passes on what waits of a request's body, as far as the server's connection has room for it.
    mutating func relayStreamBody(_ exchange: Exchange) {
        guard let link = exchange.link else { return }
        if exchange.isShared {
            pushRequest(exchange)
            return
        }
        guard passQueued(exchange, link) else { return }
        guard exchange.hasRequestEnded else {
            awaitStreamBody(exchange)
            return
        }
        exchange.bodyDeadline = .distantFuture
        guard let upstream = exchange.upstream, upstream.phase == .busy else { return }
        if exchange.machine.state == .tunnelling {
            // Once: each flush of the server's connection comes by here.
            if !upstream.endsAfterFlush {
                upstream.endsAfterFlush = true
                markDirty(upstream)
            }
            endStreamTunnelIfDone(exchange)
        } else if !exchange.machine.isRequestComplete {
            endRequest(exchange, upstream)
        }
    }

    /// Passes on what is queued of a request's body; true exactly when nothing is left of it.
    private mutating func passQueued(_ exchange: Exchange, _ link: HTTP2Link) -> Bool {
        if exchange.requestQueue.isEmpty { return true }
        while let upstream = upstreamWithRoom(exchange) {
            let count = min(exchange.requestQueue.count, Worker.bytesPerTurn)
            pass(exchange.requestQueue, 0..<count, of: exchange, to: upstream)
            exchange.requestQueue.removeFirst(count)
            link.session.consumed(count, of: exchange.stream)
            if let connection = exchange.downstream { markDirty(connection) }
            if exchange.requestQueue.isEmpty {
                exchange.requestQueue.releaseStorageIfEmpty()
                return true
            }
        }
        return false
    }

    /// The server's connection, if it takes more of the request's body now.
    private mutating func upstreamWithRoom(_ exchange: Exchange) -> UpstreamConnection? {
        guard let upstream = exchange.upstream, upstream.phase == .busy,
            let snapshot = exchange.installed?.snapshot,
            upstream.outbound.count < snapshot.settings.bufferBytes,
            exchange.machine.state == .tunnelling || !exchange.machine.isRequestComplete
        else { return nil }
        return upstream
    }

    private mutating func pass(
        _ input: borrowing ByteQueue, _ range: Range<Int>, of exchange: Exchange,
        to upstream: UpstreamConnection
    ) {
        if exchange.machine.state != .tunnelling { exchange.keep(range, of: input) }
        if exchange.form.framing == .chunked {
            forwardBody(input.bytes(in: range), to: upstream, chunked: true)
        } else {
            // A read brings several frames: one write takes them all on.
            upstream.outbound.append(input.bytes(in: range))
            markDirty(upstream)
        }
        if exchange.machine.state == .tunnelling { restartStreamTunnelClock(exchange) }
    }

    /// Starts the response on its stream.
    mutating func relayStreamHead(_ exchange: Exchange, _ link: HTTP2Link) {
        guard let connection = exchange.downstream else { return }
        exchange.status = exchange.response.status
        exchange.applyResponseRules(connection)
        exchange.dateResponse()
        message.begin()
        message.add(":status", decimal: exchange.response.status)
        let skipped =
            exchange.response.status == 204 ? Forwarding.contentLength : Forwarding.none
        exchange.siteFields.appendFields(
            of: exchange.response.fields, skipping: skipped, isTLS: connection.isTLS, to: &message)
        let endsStream = exchange.endsWithHead
        guard link.session.submitResponse(message, exchange.stream, endsStream: endsStream) else {
            dropStream(exchange, because: ProxyError(.internalError))
            return
        }
        markDirty(connection)
        if endsStream {
            perform(exchange.handle(.responseCompleted), exchange)
        } else {
            streamAdvanced(exchange)
        }
    }

    /// More of a response has come, or its end: the session takes it when the client has room.
    mutating func streamAdvanced(_ exchange: Exchange) {
        guard let link = exchange.link, let connection = exchange.downstream,
            let snapshot = exchange.installed?.snapshot
        else { return }
        link.session.resume(exchange.stream)
        markDirty(connection)
        if exchange.machine.state == .tunnelling {
            restartStreamTunnelClock(exchange)
        } else {
            setServerDeadline(exchange, after: exchange.timeouts.betweenBytes)
            restartBodyClock(exchange)
        }
        awaitTaking(exchange, snapshot)
    }

    /// Passes on an interim response (RFC 9113 §8.1), unless its client does not read: heads know
    /// no windows, and those of many streams would gather. A 100 that is waited for goes out all
    /// the same, without its fields: there is one for each stream.
    mutating func relayStreamInterim(_ exchange: Exchange, _ link: HTTP2Link) {
        guard let connection = exchange.downstream else { return }
        let hasRoom = connection.outbound.count + link.interimBytes < Worker.bytesPerTurn
        guard hasRoom || exchange.awaitsContinue && exchange.response.status == 100 else { return }
        message.begin()
        message.add(":status", decimal: exchange.response.status)
        if hasRoom {
            link.interimBytes += exchange.headBytes
            message.add(exchange.response.fields, skipping: Forwarding.contentLength)
        }
        _ = link.session.submitInterim(message, exchange.stream)
        markDirty(connection)
    }

    /// Gives the client an answer of our own on its stream.
    mutating func answerStream(_ exchange: Exchange, _ link: HTTP2Link, _ error: ProxyError) {
        guard let connection = exchange.downstream else { return }
        if exchange.tellsByGRPC(error) {
            answerGRPCStream(exchange, link, error)
            return
        }
        exchange.status = error.status
        exchange.response.reset()
        exchange.applyResponseRules(connection)
        LocalAnswer.appendText(of: error, to: &exchange.localBody)
        let length = exchange.localBody.count
        if exchange.form.method == .head { exchange.localBody.removeAll() }
        message.begin()
        message.add(":status", decimal: error.status)
        addDate(exchange)
        if !exchange.response.fields.isRuled(.contentType) {
            message.add("content-type", "text/plain; charset=utf-8")
        }
        message.add("content-length", decimal: length)
        if let seconds = error.retryAfter {
            message.add("retry-after", decimal: seconds)
        }
        exchange.siteFields.appendFields(
            of: exchange.response.fields, skipping: Forwarding.none, isTLS: connection.isTLS,
            to: &message)
        sendOwnStream(exchange, link, because: error)
    }

    /// Ends an answer of our own, whose fields are there, with what stands in `localBody`.
    mutating func sendOwnStream(
        _ exchange: Exchange, _ link: HTTP2Link, because error: ProxyError
    ) {
        guard let connection = exchange.downstream else { return }
        let endsStream = exchange.localBody.isEmpty
        guard link.session.submitResponse(message, exchange.stream, endsStream: endsStream) else {
            dropStream(exchange, because: error)
            return
        }
        // What still comes of the request must not bring about another answer.
        _ = exchange.handle(.answered)
        markDirty(connection)
        exchange.bodyDeadline = .distantFuture
        if endsStream {
            finish(exchange)
        } else if let snapshot = exchange.installed?.snapshot {
            awaitTaking(exchange, snapshot)
        }
    }

    /// Adds the time, unless rules have decided about it.
    mutating func addDate(_ exchange: Exchange) {
        if exchange.response.fields.isRuled(.date) { return }
        WallTime.now().appendHTTPDate(to: &stage)
        message.add("date", stage)
        stage.removeAll()
    }

    /// Accounts for an exchange whose response has left, and lets go of its stream.
    mutating func finishStream(_ exchange: Exchange, _ link: HTTP2Link) {
        guard let connection = exchange.downstream else { return }
        releaseUpstream(exchange, reusable: exchange.isUpstreamReusable)
        account(exchange, connection)
        // RFC 9113 §8.1: who was answered before the end of the request is told to stop.
        if !exchange.hasRequestEnded { link.session.reset(exchange.stream, .noError) }
        leaveStream(exchange, link, connection)
    }

    /// Ends an exchange whose response cannot be completed: the client sees a reset.
    mutating func dropStream(_ exchange: Exchange, because error: ProxyError) {
        guard let connection = exchange.downstream, let link = exchange.link else { return }
        exchange.error = exchange.error ?? error
        if exchange.status == 0 { exchange.status = error.status }
        releaseUpstream(exchange, reusable: false)
        account(exchange, connection)
        // Whom a server has heard of is not refused: its client might send it once more.
        let code = error.streamCode
        let isHeard = exchange.sentAt != nil && code == .refusedStream
        link.session.reset(exchange.stream, isHeard ? .cancel : code)
        leaveStream(exchange, link, connection)
    }

    private mutating func leaveStream(
        _ exchange: Exchange, _ link: HTTP2Link, _ connection: DownstreamConnection
    ) {
        if !exchange.requestQueue.isEmpty {
            link.session.consumed(exchange.requestQueue.count, of: exchange.stream)
        }
        link.remove(exchange)
        recycle(exchange)
        markDirty(connection)
        guard link.count == 0, connection.phase == .http2 else { return }
        if link.goodbye == .final {
            beginClosing(connection)
        } else if let snapshot = installed?.snapshot {
            awaitStream(connection, link, for: snapshot.settings.timeouts.keepAlive)
        }
    }

    /// Lets the session write what the client has room for, sealed into `outbound`.
    mutating func pump(_ connection: DownstreamConnection, _ link: HTTP2Link) {
        let limit = recordsPerTurn(towards: connection.flow) * RecordSizer.largeBytes
        pump(connection, link, upTo: limit)
    }

    /// The same until `limit` bytes wait in `outbound`.
    mutating func pump(_ connection: DownstreamConnection, _ link: HTTP2Link, upTo limit: Int) {
        link.sealsInPlace = connection.isTLS && connection.records.isLarge(now: now)
        while connection.outbound.count < limit, link.session.wantsWrite {
            let before = connection.outbound.count
            link.session.write(to: &stage, upTo: limit, from: link)
            sealStage(connection)
            if connection.outbound.count == before { break }
            // What was sealed where it lay is counted here.
            if link.sealsInPlace { connection.noteSealed(now: now) }
        }
        link.interimBytes = 0
        settle(connection, link)
        takeEvents(connection, link)
    }

    /// Goes on with the exchanges of which something was taken.
    private mutating func settle(_ connection: DownstreamConnection, _ link: HTTP2Link) {
        var index = 0
        while index < link.pulled.count {
            let exchange = link.pulled[index]
            index += 1
            guard exchange.link === link else { continue }
            took(exchange, connection, link)
        }
        link.pulled.removeAll()
    }

    private mutating func took(
        _ exchange: Exchange, _ connection: DownstreamConnection, _ link: HTTP2Link
    ) {
        switch exchange.bodyEnd {
        case .failed(let fault):
            let kind: ProxyError.Kind =
                fault == .truncated ? .upstreamTruncated : .upstreamMalformed(fault)
            upstreamFailed(exchange, kind, fault == .truncated ? .closed : .malformed)
        case .complete where exchange.machine.state == .tunnelling:
            endStreamTunnelIfDone(exchange)
        case .complete where exchange.machine.state == .finished:
            finish(exchange)
        case .complete:
            perform(exchange.handle(.responseCompleted), exchange)
        case .none:
            exchange.upstream?.inbound.releaseStorageIfEmpty()
            if let upstream = exchange.upstream, upstream.canRead { markReady(upstream) }
            if let carrier = exchange.carrier { markDirty(carrier) }
            if let snapshot = exchange.installed?.snapshot {
                awaitTaking(exchange, snapshot)
            }
        }
    }
}
