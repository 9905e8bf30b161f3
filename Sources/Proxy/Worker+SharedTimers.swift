internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import Telemetry

/// The waits of shared connections: the wheel knows the connection only, which asks its exchanges
/// when the earliest wait may be over.
extension Worker {
    /// Starts a wait for what the server owes an exchange.
    mutating func setServerDeadline(_ exchange: Exchange, after duration: Duration) {
        if let upstream = exchange.upstream {
            setDeadline(upstream, after: duration)
        } else if let carrier = exchange.carrier {
            exchange.serverDeadline = now + duration
            watch(carrier, until: exchange.serverDeadline)
        }
    }

    /// Lets the connection ask for what is over at `time`, unless it asks earlier.
    private mutating func watch(_ upstream: UpstreamConnection, until time: MonotonicTime) {
        guard time < upstream.deadline else { return }
        setDeadline(upstream, at: time)
    }

    /// Acts on every wait of the connection that is over, and finds the earliest of the others.
    mutating func sharedTimedOut(_ upstream: UpstreamConnection, _ link: UpstreamLink) {
        switch upstream.phase {
        case .connecting:
            if beginSharedRace(upstream, link) { return }
            connectFailed(
                upstream, timedOut: true,
                detail: upstream.isHandshaking ? "in the TLS handshake" : "")
        case .idle: endShared(upstream, link)
        case .closed: break
        case .busy:
            link.forEach { if $0.serverDeadline <= now { serverTimedOut($0) } }
            guard upstream.phase == .busy else { return }
            var next = MonotonicTime.distantFuture
            link.forEach { next = min(next, $0.serverDeadline) }
            watch(upstream, until: next)
        }
    }

    private mutating func serverTimedOut(_ exchange: Exchange) {
        exchange.serverDeadline = .distantFuture
        // It has said all: the rest is the client's.
        if exchange.hasResponseEnded, exchange.machine.state == .streaming { return }
        // While it has all that the client has sent of an unfinished request, the client's clock
        // runs, not the server's.
        let isAhead =
            !exchange.machine.isRequestComplete && !exchange.hasRequestWaiting
            && !exchange.awaitsServer
        switch exchange.machine.state {
        case .awaitingResponse where !isAhead:
            if !exchange.awaitsServer { leaveIfSilent(exchange) }
            upstreamFailed(exchange, .upstreamFirstByteTimeout, .timeout)
        case .streaming where !isAhead && exchange.responseQueue.isEmpty:
            upstreamFailed(exchange, .upstreamStalled, .timeout)
        case .awaitingResponse, .streaming:
            setServerDeadline(exchange, after: exchange.timeouts.betweenBytes)
        case .awaitingUpstream, .tunnelling, .finished: break
        }
    }

    /// A connection on which nothing at all came since the request was sent may be dead without
    /// anyone having said so: requests to come take another one.
    private mutating func leaveIfSilent(_ exchange: Exchange) {
        guard let carrier = exchange.carrier, let link = carrier.link, let sent = exchange.sentAt,
            carrier.heardAt < sent
        else { return }
        link.isLeaving = true
    }
}
