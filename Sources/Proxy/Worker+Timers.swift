internal import Bytes
internal import Config
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Starts a wait for what a client owes.
    ///
    /// A deadline that moves later costs nothing: the wheel asks at the earlier time, finds that it
    /// is not due, and asks again then.
    mutating func setDeadline(
        _ connection: DownstreamConnection, _ kind: DownstreamDeadline, after duration: Duration
    ) {
        connection.deadlineKind = kind
        connection.deadline = now + duration
        arm(connection)
    }

    /// Goes on with the wait for a request's body: what came earns time at the minimum rate, never
    /// more than the time that a body may pause. Once the server answers, the two of them may talk
    /// as slowly as they like.
    mutating func awaitBody(_ connection: DownstreamConnection, _ exchange: Exchange) {
        guard let snapshot = exchange.installed?.snapshot, !exchange.awaitsServer else { return }
        let end = now + exchange.requestBodyTimeout(snapshot)
        let came = exchange.bytesIn - exchange.bytesTimed
        exchange.bytesTimed = exchange.bytesIn
        if connection.deadlineKind != .requestBody {
            connection.deadlineKind = .requestBody
            connection.deadline = end
        } else if exchange.machine.state == .awaitingResponse {
            connection.deadline = min(end, connection.deadline + earned(came, snapshot))
        } else if came > 0 {
            connection.deadline = end
        }
        arm(connection)
    }

    /// The server has said more while the client owes the rest of its request: the two talk, and
    /// the pause that a body may make begins anew.
    mutating func restartBodyClock(_ exchange: Exchange) {
        guard exchange.machine.state == .streaming, let connection = exchange.downstream,
            let snapshot = exchange.installed?.snapshot
        else { return }
        let end = now + exchange.requestBodyTimeout(snapshot)
        if exchange.link == nil {
            if connection.deadlineKind == .requestBody { connection.deadline = end }
        } else {
            exchange.restartBodyClock(end: end, now: now)
        }
    }

    /// Notes how much of what waits for the client it has just taken.
    mutating func clientTook(_ count: Int, _ connection: DownstreamConnection) {
        if let exchange = connection.exchange, exchange.tcp != nil {
            // Who reads slowly is not in anybody's way; silence has its own end.
            connection.writeDeadline = .distantFuture
            if count > 0 { restartTCPClock(exchange) }
            return
        }
        guard !connection.outbound.isEmpty, let snapshot = installed?.snapshot else {
            connection.writeDeadline = .distantFuture
            return
        }
        let end = now + snapshot.settings.timeouts.responseWrite
        connection.writeDeadline =
            connection.writeDeadline == .distantFuture
            ? end : min(end, connection.writeDeadline + earned(count, snapshot))
        arm(connection)
    }

    /// Lets the wheel ask for the connection when the earlier of its two waits ends.
    mutating func arm(_ connection: DownstreamConnection) {
        let next = min(
            connection.deadline, connection.writeDeadline, connection.handshakeDeadline)
        guard next < connection.timerAt else { return }
        connection.timerAt = next
        wheel.schedule(connection.id.index << 1, at: next)
    }

    /// Ends the wait for what a client owes.
    mutating func clearDeadline(_ connection: DownstreamConnection) {
        connection.deadlineKind = .none
        connection.deadline = .distantFuture
    }

    /// Starts a wait of a server's connection.
    mutating func setDeadline(_ upstream: UpstreamConnection, after duration: Duration) {
        setDeadline(upstream, at: now + duration)
    }

    /// Sets the end of the present wait of a server's connection.
    mutating func setDeadline(_ upstream: UpstreamConnection, at time: MonotonicTime) {
        upstream.deadline = time
        guard upstream.deadline < upstream.timerAt else { return }
        upstream.timerAt = upstream.deadline
        wheel.schedule(upstream.id.index << 1 | 1, at: upstream.deadline)
    }

    /// Ends the wait of a server's connection.
    mutating func clearDeadline(_ upstream: UpstreamConnection) {
        upstream.deadline = .distantFuture
    }

    /// Acts on every wait that is over.
    mutating func expireTimers() {
        resumeAccepting()
        while let index = wheel.popExpired(now: now) {
            if index & 1 == 0 {
                if let connection = downstreams.element(at: Int(index >> 1)) { expire(connection) }
            } else if let upstream = upstreams.element(at: Int(index >> 1)) {
                expire(upstream)
            }
        }
    }

    private mutating func expire(_ connection: DownstreamConnection) {
        connection.timerAt = .distantFuture
        guard connection.phase != .closed else { return }
        if connection.writeDeadline <= now {
            reached(.slowReader, connection)
            abort(connection, because: ProxyError(.slowReader))
        } else if connection.handshakeDeadline <= now {
            handshakeFailed(connection, .timeout)
        } else if connection.deadline <= now {
            let kind = connection.deadlineKind
            clearDeadline(connection)
            expire(connection, kind)
        }
        if connection.phase != .closed { arm(connection) }
    }

    private mutating func expire(_ connection: DownstreamConnection, _ kind: DownstreamDeadline) {
        switch kind {
        case .none: break
        case .handshake where connection.phase == .proxyProtocol:
            refuseProxyHeader(connection, "no header in time")
        case .handshake: handshakeFailed(connection, .timeout)
        case .requestHead, .requestBody: requestTimedOut(connection)
        case .keepAlive: beginClosing(connection)
        case .tunnelIdle: abort(connection, because: ProxyError(.idleTunnel))
        case .streams: expireStreams(connection)
        case .lingering: close(connection)
        }
    }

    private mutating func requestTimedOut(_ connection: DownstreamConnection) {
        guard let exchange = connection.exchange else {
            beginClosing(connection)
            return
        }
        reached(exchange.isBegun ? .slowBody : .slowHead, connection)
        if exchange.isBegun {
            fail(exchange, .downstreamFailed(ProxyError(.slowRequest)))
            return
        }
        start(exchange, on: connection)
        answer(exchange, ProxyError(.slowRequest))
        connection.isClientFinal = false
    }

    private mutating func expire(_ upstream: UpstreamConnection) {
        upstream.timerAt = .distantFuture
        guard upstream.phase != .closed else { return }
        guard upstream.deadline <= now else {
            if upstream.deadline < .distantFuture {
                upstream.timerAt = upstream.deadline
                wheel.schedule(upstream.id.index << 1 | 1, at: upstream.deadline)
            }
            return
        }
        clearDeadline(upstream)
        upstreamTimedOut(upstream)
    }

    private mutating func upstreamTimedOut(_ upstream: UpstreamConnection) {
        if let link = upstream.link {
            sharedTimedOut(upstream, link)
            return
        }
        guard let exchange = upstream.exchange, upstream.phase != .idle else {
            close(upstream)
            return
        }
        if upstream.phase == .connecting {
            if beginRace(upstream) { return }
            connectFailed(
                upstream, timedOut: true,
                detail: upstream.isHandshaking ? "in the TLS handshake" : "")
            return
        }
        // While it has all that the client has sent of an unfinished request, the client's clock
        // runs, not the server's.
        let isAhead =
            !exchange.machine.isRequestComplete && upstream.hasSentAll && !exchange.awaitsServer
        switch exchange.machine.state {
        case .awaitingResponse:
            if isAhead {
                restart(upstream, exchange)
            } else {
                upstreamFailed(exchange, .upstreamFirstByteTimeout, .timeout)
            }
        case .streaming:
            // A server cannot be blamed while nobody reads what it sends, unless it reads nothing
            // itself, nor for what has come and waits for its stream's client.
            let isUnread = upstream.canRead && !upstream.isHeldBack
            if isAhead || isUnread || exchange.waitsForClient {
                restart(upstream, exchange)
            } else {
                upstreamFailed(exchange, .upstreamStalled, .timeout)
            }
        case .awaitingUpstream, .tunnelling, .finished: break
        }
    }

    /// The server took a part of the request: until it has all, its time to answer begins anew.
    /// What TLS says by itself, as a ClientHello, is no part of it.
    mutating func serverTook(_ upstream: UpstreamConnection) {
        guard upstream.phase == .busy, upstream.tls == nil || upstream.hasSealedPayload,
            let exchange = upstream.exchange
        else { return }
        requestSent(exchange)
        switch exchange.machine.state {
        case .awaitingResponse: setDeadline(upstream, after: exchange.timeouts.firstByte)
        case .streaming: setDeadline(upstream, after: exchange.timeouts.betweenBytes)
        case .tunnelling where exchange.tcp != nil: restartTCPClock(exchange)
        case .awaitingUpstream, .tunnelling, .finished: break
        }
    }

    private mutating func restart(_ upstream: UpstreamConnection, _ exchange: Exchange) {
        setDeadline(upstream, after: exchange.timeouts.betweenBytes)
    }
}
