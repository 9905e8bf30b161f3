internal import Bytes
internal import Config
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Starts a wait of a client's connection.
    ///
    /// A deadline that moves later costs nothing: the wheel asks at the earlier time, finds that it
    /// is not due, and asks again then.
    func setDeadline(
        _ connection: DownstreamConnection, _ kind: DownstreamDeadline, after duration: Duration
    ) {
        connection.deadlineKind = kind
        connection.deadline = now + duration
        guard connection.deadline < connection.timerAt else { return }
        connection.timerAt = connection.deadline
        wheel.schedule(connection.id.index << 1, at: connection.deadline)
    }

    /// Ends the wait of a client's connection.
    func clearDeadline(_ connection: DownstreamConnection) {
        connection.deadlineKind = .none
        connection.deadline = .distantFuture
    }

    /// Starts a wait of a server's connection.
    func setDeadline(_ upstream: UpstreamConnection, after duration: Duration) {
        upstream.deadline = now + duration
        guard upstream.deadline < upstream.timerAt else { return }
        upstream.timerAt = upstream.deadline
        wheel.schedule(upstream.id.index << 1 | 1, at: upstream.deadline)
    }

    /// Ends the wait of a server's connection.
    func clearDeadline(_ upstream: UpstreamConnection) {
        upstream.deadline = .distantFuture
    }

    /// Acts on every wait that is over.
    func expireTimers() {
        resumeAccepting()
        while let index = wheel.popExpired(now: now) {
            if index & 1 == 0 {
                if let connection = downstreams.element(at: Int(index >> 1)) { expire(connection) }
            } else if let upstream = upstreams.element(at: Int(index >> 1)) {
                expire(upstream)
            }
        }
    }

    private func expire(_ connection: DownstreamConnection) {
        connection.timerAt = .distantFuture
        guard connection.phase != .closed else { return }
        guard connection.deadline <= now else {
            if connection.deadline < .distantFuture {
                connection.timerAt = connection.deadline
                wheel.schedule(connection.id.index << 1, at: connection.deadline)
            }
            return
        }
        let kind = connection.deadlineKind
        clearDeadline(connection)
        switch kind {
        case .none: break
        case .handshake: handshakeFailed(connection, .timeout)
        case .requestHead, .requestBody: requestTimedOut(connection)
        case .keepAlive: beginClosing(connection)
        case .responseWrite: slowReader(connection)
        case .tunnelIdle: abort(connection, because: ProxyError(.slowReader))
        case .lingering: close(connection)
        }
    }

    private func requestTimedOut(_ connection: DownstreamConnection) {
        guard let exchange = connection.exchange else {
            beginClosing(connection)
            return
        }
        if exchange.isBegun {
            fail(exchange, .downstreamFailed(ProxyError(.slowRequest)))
            return
        }
        exchange.isBegun = true
        connection.requestCount += 1
        answer(exchange, ProxyError(.slowRequest))
    }

    private func slowReader(_ connection: DownstreamConnection) {
        if let exchange = connection.exchange, exchange.isBegun {
            fail(exchange, .downstreamFailed(ProxyError(.slowReader)))
        }
        abort(connection, because: ProxyError(.slowReader))
    }

    private func expire(_ upstream: UpstreamConnection) {
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

    private func upstreamTimedOut(_ upstream: UpstreamConnection) {
        guard let exchange = upstream.exchange, upstream.phase != .idle else {
            close(upstream)
            return
        }
        if upstream.phase == .connecting {
            connectFailed(upstream, timedOut: true, detail: "")
            return
        }
        switch exchange.machine.state {
        case .awaitingResponse:
            // While the client still sends its body, or its body waits for the server, the server
            // owes nothing yet.
            guard exchange.machine.isRequestComplete || !upstream.outbound.isEmpty else {
                restart(upstream, exchange)
                return
            }
            upstreamFailed(exchange, .upstreamFirstByteTimeout, .timeout)
        case .streaming:
            // A server cannot be blamed while nobody reads what it sends.
            if upstream.canRead {
                restart(upstream, exchange)
            } else {
                upstreamFailed(exchange, .upstreamStalled, .timeout)
            }
        case .awaitingUpstream, .tunnelling, .finished: break
        }
    }

    private func restart(_ upstream: UpstreamConnection, _ exchange: Exchange) {
        guard let settings = exchange.installed?.snapshot.settings else { return }
        setDeadline(upstream, after: settings.timeouts.upstreamBetweenBytes)
    }
}
