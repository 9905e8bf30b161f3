internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import Telemetry

/// The waits of an HTTP/2 connection and of its streams: the wheel knows the connection only, which
/// asks all of its streams, at most as many as the settings allow, when the earliest wait may be
/// over.
extension Worker {
    /// Lets the connection ask for what is over at `time`, unless it asks earlier.
    mutating func watch(_ connection: DownstreamConnection, until time: MonotonicTime) {
        guard time < connection.deadline else { return }
        connection.deadlineKind = .streams
        connection.deadline = time
        arm(connection)
    }

    /// The connection has no stream: the next one is to begin in time.
    mutating func awaitStream(
        _ connection: DownstreamConnection, _ link: HTTP2Link, for time: Duration
    ) {
        link.idleDeadline = now + time
        watch(connection, until: link.idleDeadline)
    }

    /// Goes on with the wait for a request's body, by the rule of `awaitBody`. While the server has
    /// not taken what is here, the client's clock stands still.
    mutating func awaitStreamBody(_ exchange: Exchange) {
        guard let connection = exchange.downstream, !exchange.hasRequestEnded,
            !exchange.machine.isRequestComplete, !exchange.awaitsServer,
            let snapshot = exchange.installed?.snapshot
        else {
            if exchange.machine.state != .tunnelling { exchange.bodyDeadline = .distantFuture }
            return
        }
        guard exchange.requestQueue.isEmpty else {
            if exchange.machine.state != .tunnelling { exchange.pauseBodyClock(now: now) }
            return
        }
        exchange.resumeBodyClock(now: now)
        let end = now + exchange.requestBodyTimeout(snapshot)
        let came = exchange.bytesIn - exchange.bytesTimed
        exchange.bytesTimed = exchange.bytesIn
        if exchange.bodyDeadline == .distantFuture {
            exchange.bodyDeadline = end
        } else if exchange.machine.state == .awaitingResponse {
            exchange.bodyDeadline = min(end, exchange.bodyDeadline + earned(came, snapshot))
        } else if came > 0 {
            exchange.bodyDeadline = end
        }
        watch(connection, until: exchange.bodyDeadline)
    }

    /// Goes on with the wait for the client to make room for what waits for it: what it took earns
    /// time at the minimum rate.
    mutating func awaitTaking(_ exchange: Exchange, _ snapshot: RuntimeSnapshot) {
        guard let connection = exchange.downstream, exchange.hasPieceWaiting else {
            exchange.takeDeadline = .distantFuture
            return
        }
        let end = now + snapshot.settings.timeouts.responseWrite
        let taken = exchange.bytesOut - exchange.bytesTaken
        exchange.bytesTaken = exchange.bytesOut
        exchange.takeDeadline =
            exchange.takeDeadline == .distantFuture
            ? end : min(end, exchange.takeDeadline + earned(taken, snapshot))
        watch(connection, until: exchange.takeDeadline)
    }

    /// Either side of a tunnel said something.
    mutating func restartStreamTunnelClock(_ exchange: Exchange) {
        guard let connection = exchange.downstream,
            let snapshot = exchange.installed?.snapshot
        else { return }
        exchange.bodyDeadline = now + exchange.tunnelIdleTimeout(snapshot)
        if let upstream = exchange.upstream { clearDeadline(upstream) }
        exchange.serverDeadline = .distantFuture
        watch(connection, until: exchange.bodyDeadline)
    }

    /// Acts on every wait of the connection that is over, and finds the earliest of the others.
    mutating func expireStreams(_ connection: DownstreamConnection) {
        guard let link = connection.link, connection.phase == .http2 else { return }
        if link.headDeadline <= now {
            reached(.slowHead, connection)
            end(connection, link, .enhanceYourCalm)
            return
        }
        if link.settingsDeadline <= now {
            end(connection, link, .settingsTimeout)
            return
        }
        if link.goodbyeDeadline <= now { finishGoodbye(connection, link) }
        if link.count == 0, link.idleDeadline <= now { beginClosing(connection) }
        link.forEach { expire($0, link) }
        guard connection.phase == .http2 else { return }
        var next = min(link.headDeadline, link.goodbyeDeadline, link.settingsDeadline)
        if link.count == 0 { next = min(next, link.idleDeadline) }
        link.forEach { next = min(next, $0.bodyDeadline, $0.takeDeadline) }
        watch(connection, until: next)
    }

    private mutating func end(
        _ connection: DownstreamConnection, _ link: HTTP2Link, _ code: HTTP2ErrorCode
    ) {
        metrics.http2Failed(connection.binding.plan.label, HTTP2ErrorLabel(code: code.rawValue))
        link.session.terminate(code)
        endStreams(link, because: ProxyError(.slowRequest))
        beginClosing(connection)
    }

    private mutating func expire(_ exchange: Exchange, _ link: HTTP2Link) {
        if exchange.takeDeadline <= now {
            exchange.takeDeadline = .distantFuture
            // What waits for its turn behind other streams is not the client's fault.
            if link.session.isStalled(exchange.stream) {
                if let connection = exchange.downstream { reached(.http2WindowStall, connection) }
                dropStream(exchange, because: ProxyError(.slowReader))
                return
            }
            if let snapshot = exchange.installed?.snapshot {
                awaitTaking(exchange, snapshot)
            }
        }
        guard exchange.bodyDeadline <= now else { return }
        exchange.bodyDeadline = .distantFuture
        if exchange.machine.state == .tunnelling {
            dropStream(exchange, because: ProxyError(.idleTunnel))
        } else {
            fail(exchange, .downstreamFailed(ProxyError(.slowRequest)))
        }
    }
}
