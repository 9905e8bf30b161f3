internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Queues request bytes; large ones are sent from where they lie if nothing waits before them.
    mutating func write(_ bytes: Span<UInt8>, to upstream: UpstreamConnection) {
        var sent = 0
        if bytes.count >= Worker.directBytes, upstream.outbound.isEmpty, upstream.canWrite,
            upstream.tls == nil, !upstream.isEndAnnounced
        {
            let outcome = upstream.socket.send(bytes)
            if case .bytes(let count) = outcome { sent = count }
            upstream.flow.took(sent, isAll: sent == bytes.count)
            if sent < bytes.count, !outcome.isFailure { upstream.canWrite = false }
            if sent > 0 { serverTook(upstream) }
        }
        if sent < bytes.count {
            upstream.outbound.append(bytes.extracting(sent...))
            markDirty(upstream)
        }
    }

    /// Queues response bytes of a plain connection, by the same rule.
    mutating func write(_ bytes: Span<UInt8>, to connection: DownstreamConnection) {
        var sent = 0
        if bytes.count >= Worker.directBytes, connection.outbound.isEmpty, connection.canWrite {
            let outcome = connection.socket.send(bytes)
            if case .bytes(let count) = outcome { sent = count }
            connection.flow.took(sent, isAll: sent == bytes.count)
            // What has failed fails again when it is flushed.
            if sent < bytes.count, !outcome.isFailure { awaitRoom(connection) }
        }
        if sent < bytes.count { connection.outbound.append(bytes.extracting(sent...)) }
        markDirty(connection)
    }

    /// Remembers to send what is queued, at the end of the turn at the latest.
    mutating func markDirty(_ connection: DownstreamConnection) {
        guard !connection.isDirty else { return }
        connection.isDirty = true
        if connection.phase == .http2 {
            gatheringDownstreams.append(connection)
        } else {
            dirtyDownstreams.append(connection)
        }
    }

    /// Remembers to send what is queued, at the end of the turn at the latest. Whose end is known
    /// is read first: a request that was never sent may be repeated, whatever it asks for.
    mutating func markDirty(_ upstream: UpstreamConnection) {
        guard !upstream.isDirty else { return }
        upstream.isDirty = true
        if upstream.link != nil || upstream.isEndAnnounced {
            gatheringUpstreams.append(upstream)
        } else {
            dirtyUpstreams.append(upstream)
        }
    }

    /// Remembers that the connection has more to do than this tick allows.
    mutating func markReady(_ connection: DownstreamConnection) {
        guard !connection.isReady else { return }
        connection.isReady = true
        readyDownstreams.append(connection)
    }

    /// Remembers that the connection has more to do than this tick allows.
    mutating func markReady(_ upstream: UpstreamConnection) {
        guard !upstream.isReady else { return }
        upstream.isReady = true
        readyUpstreams.append(upstream)
    }

    /// Gives each connection that had more to do its next turn; those that still have are served in
    /// the next tick.
    mutating func serveReady() {
        if !readyUpstreams.isEmpty { serveReadyServers() }
        if !readyDownstreams.isEmpty { serveReadyClients() }
    }

    private mutating func serveReadyServers() {
        let upstreamCount = readyUpstreams.count
        for index in 0..<upstreamCount {
            let upstream = readyUpstreams[index]
            upstream.isReady = false
            readUpstream(upstream)
            flushMany()
        }
        readyUpstreams.removeFirst(upstreamCount)
    }

    private mutating func serveReadyClients() {
        let downstreamCount = readyDownstreams.count
        for index in 0..<downstreamCount {
            let connection = readyDownstreams[index]
            connection.isReady = false
            proceed(connection)
            readDownstream(connection)
            connection.inbound.releaseStorageIfEmpty()
            flushMany()
        }
        readyDownstreams.removeFirst(downstreamCount)
    }

    /// Sends all that is queued, one write for each connection.
    ///
    /// What clients take opens windows of servers, which are told at once.
    mutating func flushDirty() {
        flushUngathered()
        while !gatheringUpstreams.isEmpty || !gatheringDownstreams.isEmpty {
            dirtyUpstreams.append(contentsOf: gatheringUpstreams)
            gatheringUpstreams.removeAll(keepingCapacity: true)
            dirtyDownstreams.append(contentsOf: gatheringDownstreams)
            gatheringDownstreams.removeAll(keepingCapacity: true)
            flushUngathered()
        }
    }

    /// Sends what does not gather, where many have something.
    mutating func flushMany() {
        if dirtyUpstreams.count + dirtyDownstreams.count >= Worker.manyDirty { flushUngathered() }
    }

    /// Sends what does not gather.
    private mutating func flushUngathered() {
        repeat {
            flushServers()
            flushClients()
        } while !dirtyUpstreams.isEmpty
    }

    private mutating func flushServers() {
        guard !dirtyUpstreams.isEmpty else { return }
        var index = 0
        while index < dirtyUpstreams.count {
            let upstream = dirtyUpstreams[index]
            index += 1
            upstream.isDirty = false
            if upstream.phase != .closed { flush(upstream) }
        }
        dirtyUpstreams.removeAll(keepingCapacity: true)
    }

    /// Sends to clients what does not gather.
    mutating func flushClients() {
        guard !dirtyDownstreams.isEmpty else { return }
        var index = 0
        while index < dirtyDownstreams.count {
            let connection = dirtyDownstreams[index]
            index += 1
            connection.isDirty = false
            if connection.phase != .closed { flush(connection) }
        }
        dirtyDownstreams.removeAll(keepingCapacity: true)
    }

    private mutating func flush(_ connection: DownstreamConnection) {
        if let link = connection.link, connection.phase == .http2 {
            pump(connection, link)
            guard connection.phase != .closed else { return }
        }
        var taken = 0
        let isEmptied: Bool
        if connection.canWrite {
            // `emptied` shuts our side down: the last bytes travel with the end.
            let isLast = connection.endsAfterFlush && !connection.isShutDown
            switch connection.socket.drain(&connection.outbound, isLast: isLast) {
            case .emptied(let count):
                connection.flow.took(count, isAll: true)
                (taken, isEmptied) = (count, true)
            case .full(let count):
                connection.flow.took(count, isAll: false)
                awaitRoom(connection)
                if connection.phase == .closed { return }
                (taken, isEmptied) = (count, false)
            case .failed:
                abort(connection, because: ProxyError(.clientClosed))
                return
            }
        } else {
            isEmptied = connection.outbound.isEmpty
        }
        clientTook(taken, connection)
        guard isEmptied else { return }
        connection.inbound.releaseStorageIfEmpty()
        emptied(connection)
    }

    /// The kernel takes no more: it will tell when there is room again.
    private mutating func awaitRoom(_ connection: DownstreamConnection) {
        connection.canWrite = false
        guard !connection.watchesRoom else { return }
        connection.watchesRoom = true
        do throws(SystemError) {
            try poller.modify(
                connection.socket.rawDescriptor, token: Token.downstream(connection.id).packed,
                interest: [.readable, .writable, .peerClosed, .edgeTriggered])
        } catch {
            events.sample(.error, .internalError, now: now, "\(error)")
            abort(connection, because: ProxyError(.internalError))
        }
    }

    /// Everything queued has left: whoever waited for that goes on.
    private mutating func emptied(_ connection: DownstreamConnection) {
        // Before the close: where something came that nobody has read, it is answered by a reset,
        // and what has not left by then is lost.
        let isEnding = connection.endsAfterFlush && !connection.isShutDown
        if isEnding {
            connection.isShutDown = true
            connection.socket.shutdownWrite()
        }
        if connection.phase == .closing, connection.isPeerDone {
            close(connection)
            return
        }
        if isEnding, connection.phase == .closing { linger(connection) }
        if let upstream = connection.exchange?.upstream, upstream.canRead { markReady(upstream) }
        if let exchange = connection.exchange {
            if exchange.isShared { resumeShared(exchange, connection) }
            endTunnelIfDone(exchange, connection)
        }
        // What the client sent may have waited for the room.
        if let link = connection.link, link.session.wantsWrite || connection.canRead {
            markReady(connection)
        }
        if connection.phase == .http1, connection.exchange == nil, !connection.inbound.isEmpty {
            markReady(connection)
        }
    }

    private mutating func flush(_ upstream: UpstreamConnection) {
        if let link = upstream.link {
            guard upstream.phase != .connecting else { return }
            pumpShared(upstream, link)
            guard upstream.phase != .closed else { return }
        }
        guard sendQueued(upstream) else {
            writeFailed(upstream)
            return
        }
        guard upstream.hasSentAll else { return }
        upstream.outbound.releaseStorageIfEmpty()
        if upstream.endsAfterFlush, !upstream.isShutDown {
            upstream.isShutDown = true
            upstream.socket.shutdownWrite()
        }
        if let link = upstream.link {
            sharedFlushed(upstream, link)
            return
        }
        guard let exchange = upstream.exchange, let connection = exchange.downstream else { return }
        if exchange.link != nil {
            relayStreamBody(exchange)
            return
        }
        endTunnelIfDone(exchange, connection)
        // The client's bytes waited for this room, or are waited for from now on.
        if !exchange.machine.isRequestComplete, connection.phase == .http1,
            connection.deadlineKind == .none
        {
            awaitBody(connection, exchange)
        }
        let isMoreToRead = connection.canRead && !connection.isPeerDone
        if !connection.inbound.isEmpty || isMoreToRead { markReady(connection) }
    }

    /// Sends what is queued, sealed where TLS is spoken; false where the connection is over.
    mutating func sendQueued(_ upstream: UpstreamConnection) -> Bool {
        if upstream.speaksTLS, upstream.tls != nil { return sendSealed(upstream) }
        guard !upstream.outbound.isEmpty, upstream.canWrite else { return true }
        return took(upstream.socket.drain(&upstream.outbound), upstream)
    }

    /// Goes on with what became of sending; false where the connection is over.
    mutating func took(_ outcome: DrainOutcome, _ upstream: UpstreamConnection) -> Bool {
        switch outcome {
        case .emptied(let count):
            upstream.flow.took(count, isAll: true)
            serverTook(upstream)
        case .full(let count):
            upstream.flow.took(count, isAll: false)
            upstream.canWrite = false
            if count > 0 { serverTook(upstream) }
        case .failed: return false
        }
        return true
    }

    /// A server that closes while it is being written to may have answered before: what it said
    /// comes first.
    private mutating func writeFailed(_ upstream: UpstreamConnection) {
        upstream.outbound.removeAll()
        // What a TCP site's client sent is lost, and it is to know.
        if upstream.exchange?.tcp != nil { upstream.isBroken = true }
        upstream.sealed.removeAll()
        upstream.isEndAnnounced = true
        upstream.canRead = true
        markReady(upstream)
    }

    /// How large a piece must be to be sent from where it lies; smaller ones gather into one write.
    static let directBytes = 8_192
}
