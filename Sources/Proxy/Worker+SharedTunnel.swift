internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

/// Tunnels on streams of shared connections: WebSocket towards a server of HTTP/2 (RFC 8441).
extension Worker {
    /// True exactly when the stream of a tunnel may begin now: the server must have said that it
    /// takes tunnels (RFC 8441 §3); until it has spoken, the exchange waits.
    mutating func mayTunnel(
        _ exchange: Exchange, _ link: UpstreamLink, _ snapshot: RuntimeSnapshot
    ) -> Bool {
        exchange.asksForTunnel = true
        guard link.hasSettings else {
            setServerDeadline(exchange, after: exchange.timeouts.firstByte)
            return false
        }
        if link.session.peerAllowsExtendedConnect { return true }
        upstreamFailed(exchange, .upstreamWithoutTunnels, .refused)
        return false
    }

    /// The server's SETTINGS have come, for which tunnels waited.
    mutating func sendTunnels(_ link: UpstreamLink) {
        link.forEach { exchange in
            guard exchange.asksForTunnel, exchange.serverStream == 0,
                exchange.machine.state == .awaitingResponse
            else { return }
            sendShared(exchange)
        }
    }

    /// The tunnel is there: an HTTP/1.1 client hears 101.
    mutating func openSharedTunnel(_ exchange: Exchange, _ connection: DownstreamConnection) {
        exchange.status = 101
        exchange.keepsAlive = false
        Forwarding.appendTunnelHead(exchange.response, to: exchange.request, queue: &stage)
        sealStage(connection)
        connection.transition(to: .tunnel)
        relaySharedTunnel(exchange, connection)
        if connection.phase == .tunnel { pushRequest(exchange) }
    }

    /// Passes on what the server sent into the tunnel of an HTTP/1.1 client.
    mutating func relaySharedTunnel(_ exchange: Exchange, _ connection: DownstreamConnection) {
        let limit = exchange.installed?.snapshot.settings.bufferBytes ?? Worker.bytesPerTurn
        while !exchange.responseQueue.isEmpty, connection.outbound.count < limit {
            let count = min(exchange.responseQueue.count, Worker.bytesPerTurn)
            exchange.bytesOut += count
            emit(exchange.responseQueue.bytes(in: 0..<count), to: connection)
            exchange.takeResponse(count)
        }
        sealStage(connection)
        if let carrier = exchange.carrier { markDirty(carrier) }
        restartSharedTunnelClock(exchange, connection)
        guard exchange.hasResponseEnded, exchange.responseQueue.isEmpty else { return }
        // The server's end is passed on behind its last byte; the other direction stays open.
        if connection.isTLS, !connection.endsAfterFlush {
            connection.tls?.close(output: &connection.outbound)
        }
        connection.endsAfterFlush = true
        markDirty(connection)
        endSharedTunnelIfDone(exchange, connection)
    }

    /// The session has taken some of what a client sent into a tunnel.
    mutating func tunnelTaken(_ exchange: Exchange, _ connection: DownstreamConnection) {
        if exchange.link != nil {
            markDirty(connection)
            restartStreamTunnelClock(exchange)
            endStreamTunnelIfDone(exchange)
        } else {
            restartSharedTunnelClock(exchange, connection)
            if connection.canRead { markReady(connection) }
            endSharedTunnelIfDone(exchange, connection)
        }
    }

    /// A tunnel is over when both ends have closed and everything has been delivered.
    mutating func endSharedTunnelIfDone(_ exchange: Exchange, _ connection: DownstreamConnection) {
        guard exchange.machine.state == .tunnelling, connection.isPeerDone,
            exchange.hasResponseEnded, exchange.intake.isComplete,
            exchange.responseQueue.isEmpty, connection.outbound.isEmpty
        else { return }
        connection.announcesEnd = false
        perform(exchange.handle(.responseCompleted), exchange)
    }

    private mutating func restartSharedTunnelClock(
        _ exchange: Exchange, _ connection: DownstreamConnection
    ) {
        guard let snapshot = exchange.installed?.snapshot else { return }
        setDeadline(connection, .tunnelIdle, after: exchange.tunnelIdleTimeout(snapshot))
        exchange.serverDeadline = .distantFuture
    }
}
