internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Writes the response's head towards the client, re-serialised from its parsed form.
    mutating func relayResponseHead(_ exchange: Exchange) {
        // A shared connection may not have taken all of it yet.
        if exchange.isShared { exchange.replay.settle() } else { exchange.replay.drop() }
        if let link = exchange.link {
            relayStreamHead(exchange, link)
            return
        }
        guard let connection = exchange.downstream else { return }
        chooseForm(exchange)
        if drainDeadline != nil || exchange.bodyForm == .untilClose { exchange.keepsAlive = false }
        // A client that was answered in place of 100 may never send its body (RFC 9110 §10.1.1), so
        // that nobody could say where the next request begins.
        if exchange.awaitsContinue, !exchange.isBodyTaken { exchange.keepsAlive = false }
        exchange.status = exchange.response.status
        exchange.applyResponseRules(connection)
        exchange.dateResponse()
        Forwarding.appendResponseHead(
            exchange.response, bodyForm: exchange.bodyForm, persistence: exchange.persistence,
            site: exchange.siteFields, isTLS: connection.isTLS, to: &stage)
        if exchange.isShared {
            relaySharedBody(exchange, connection)
        } else if let upstream = exchange.upstream {
            relayResponseBody(exchange, upstream, connection)
        }
    }

    private mutating func chooseForm(_ exchange: Exchange) {
        let isModern = exchange.form.version == .http11
        let isHead = exchange.form.method == .head
        switch exchange.response.framing(requestMethod: exchange.form.method) {
        case .none:
            // HTTP/2 ends a response with its head; HTTP/1.1 would await a body behind it.
            let hasNone =
                isHead || exchange.response.status == 204 || exchange.response.status == 304
            exchange.bodyForm = exchange.isShared && !hasNone ? .empty : .asReceived
        case .length: exchange.bodyForm = .asReceived
        case .chunked, .untilClose: exchange.bodyForm = isModern ? .chunked : .untilClose
        }
    }

    /// Passes on what has come of the response's body.
    mutating func relayResponseBody(
        _ exchange: Exchange, _ upstream: UpstreamConnection, _ connection: DownstreamConnection
    ) {
        var offset = 0
        var isComplete = false
        var failure: HTTPFault?
        loop: while true {
            let rest = upstream.inbound.bytes.extracting(offset...)
            switch exchange.stepResponseBody(rest) {
            case .bytes(let range):
                exchange.bytesOut += range.count
                let start = offset + range.lowerBound
                let end = offset + range.upperBound
                emitBody(upstream.inbound.bytes(in: start..<end), exchange, connection)
                offset = end
                if exchange.responseBody.isComplete {
                    isComplete = true
                    break loop
                }
            case .needsMore(let consumed):
                offset += consumed
                break loop
            case .end(let consumed):
                offset += consumed
                isComplete = true
                break loop
            case .failed(let fault):
                failure = fault
                break loop
            }
        }
        upstream.inbound.removeFirst(offset)
        if !isComplete, failure == nil, upstream.isPeerDone {
            // A reset is never a proper end, not even where the end of the stream is the framing.
            isComplete = !upstream.isBroken && exchange.endResponseBody()
            if !isComplete { failure = .truncated }
        }
        if isComplete, exchange.bodyForm == .chunked {
            exchange.settleResponseTrailers()
            MessageWriter.appendLastChunk(trailers: exchange.responseTrailers, to: &stage)
        }
        sealStage(connection)
        responseAdvanced(exchange, upstream, isComplete: isComplete, failure: failure)
    }

    private mutating func responseAdvanced(
        _ exchange: Exchange, _ upstream: UpstreamConnection, isComplete: Bool, failure: HTTPFault?
    ) {
        if let failure {
            let kind: ProxyError.Kind =
                failure == .truncated ? .upstreamTruncated : .upstreamMalformed(failure)
            upstreamFailed(exchange, kind, failure == .truncated ? .closed : .malformed)
        } else if isComplete {
            perform(exchange.handle(.responseCompleted), exchange)
        } else {
            setDeadline(upstream, after: exchange.timeouts.betweenBytes)
            restartBodyClock(exchange)
        }
    }

    /// Queues a piece of a body in the form that the client gets.
    mutating func emitBody(
        _ bytes: Span<UInt8>, _ exchange: Exchange, _ connection: DownstreamConnection
    ) {
        guard exchange.bodyForm == .chunked else {
            emit(bytes, to: connection)
            return
        }
        MessageWriter.appendChunkHeader(size: bytes.count, to: &stage)
        emit(bytes, to: connection)
        MessageWriter.appendChunkEnd(to: &stage)
    }

    /// Queues a piece of a response: small pieces gather in `stage`, so that head and body of a
    /// small response leave together; large ones are sealed where they lie.
    mutating func emit(_ bytes: Span<UInt8>, to connection: DownstreamConnection) {
        if stage.count + bytes.count <= RecordSizer.largeBytes {
            stage.append(bytes)
            return
        }
        sealStage(connection)
        if connection.isTLS {
            seal(bytes, connection)
            markDirty(connection)
        } else {
            write(bytes, to: connection)
        }
    }

    /// Queues what has gathered in `stage`.
    mutating func sealStage(_ connection: DownstreamConnection) {
        guard !stage.isEmpty else { return }
        if connection.isTLS {
            seal(stage.bytes, connection)
        } else {
            connection.outbound.append(stage.bytes)
        }
        stage.removeAll()
        markDirty(connection)
    }

    /// Queues TLS records of the size of the moment.
    private func seal(_ bytes: Span<UInt8>, _ connection: DownstreamConnection) {
        var records = connection.records
        defer { connection.records = records }
        var start = 0
        while start < bytes.count {
            let (count, recordBytes) = records.next(bytes.count - start, now: now)
            let piece = bytes.extracting(start..<(start + count))
            let isSealed = connection.tls?.write(
                piece, recordBytes: recordBytes, output: &connection.outbound)
            guard isSealed == true else {
                connection.breakSession()
                return
            }
            start += count
        }
    }
}

extension DownstreamConnection {
    /// Seals a part of a queue into the largest records.
    func sealLarge(_ queue: borrowing ByteQueue, _ range: Range<Int>) {
        let isSealed = tls?.write(
            queue.bytes(in: range), recordBytes: RecordSizer.largeBytes, output: &outbound)
        if isSealed != true { breakSession() }
    }

    /// Counts what was sealed into the largest records.
    func noteSealed(now: MonotonicTime) {
        var next = records
        _ = next.next(0, now: now)
        records = next
    }

    /// Nothing can be sealed any more: what is queued goes out, then the connection ends without
    /// `close_notify`.
    func breakSession() {
        announcesEnd = false
        isPeerDone = true
    }
}
