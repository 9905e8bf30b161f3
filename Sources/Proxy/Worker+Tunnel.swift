internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Passes the 101 on; from here on bytes are bytes (RFC 9110 §7.8).
    mutating func openTunnel(_ exchange: Exchange) {
        if let link = exchange.link {
            openStreamTunnel(exchange, link)
            return
        }
        if exchange.isShared, let connection = exchange.downstream {
            openSharedTunnel(exchange, connection)
            return
        }
        guard let connection = exchange.downstream, let upstream = exchange.upstream else { return }
        exchange.status = 101
        exchange.keepsAlive = false
        Forwarding.appendSwitchingHead(exchange.response, to: &stage)
        sealStage(connection)
        connection.transition(to: .tunnel)
        relayTunnelFromUpstream(exchange, upstream, connection)
        guard connection.phase == .tunnel else { return }
        relayTunnelFromDownstream(connection)
        // More may stand in the kernel than was to be held before the server's answer.
        if connection.canRead { markReady(connection) }
    }

    /// Passes on what the client sent.
    mutating func relayTunnelFromDownstream(_ connection: DownstreamConnection) {
        if let exchange = connection.exchange, exchange.isShared {
            pushRequest(exchange)
            return
        }
        guard let exchange = connection.exchange, let upstream = exchange.upstream,
            exchange.machine.state == .tunnelling
        else { return }
        let count = connection.inbound.count
        if count > 0 {
            exchange.bytesIn += count
            tcpMoved(exchange, bytesIn: count)
            write(connection.inbound.bytes, to: upstream)
            connection.inbound.removeFirst(count)
        }
        // A client whose end has come is heard again, without a byte more.
        if count > 0 || connection.deadlineKind != .tunnelIdle {
            restartTunnelClock(connection, upstream, exchange)
        }
    }

    /// Passes on what the server sent.
    mutating func relayTunnelFromUpstream(
        _ exchange: Exchange, _ upstream: UpstreamConnection, _ connection: DownstreamConnection
    ) {
        let count = upstream.inbound.count
        if count > 0 {
            exchange.bytesOut += count
            tcpMoved(exchange, bytesOut: count)
            emit(upstream.inbound.bytes, to: connection)
            sealStage(connection)
            upstream.inbound.removeFirst(count)
        }
        restartTunnelClock(connection, upstream, exchange)
        guard upstream.isPeerDone else { return }
        if upstream.isBroken, exchange.tcp != nil, connection.endsAfterFlush {
            finishTCP(exchange, connection)
            return
        }
        if upstream.isBroken {
            upstreamFailed(exchange, .upstreamTruncated, .closed)
            return
        }
        if exchange.tcp?.ender == .nobody { exchange.tcp?.ender = .server }
        // The server's end is passed on behind its last byte; the other direction stays open.
        if connection.isTLS, !connection.endsAfterFlush {
            connection.tls?.close(output: &connection.outbound)
        }
        connection.endsAfterFlush = true
        markDirty(connection)
        endTunnelIfDone(exchange, connection)
    }

    /// The client's end is passed on behind its last byte; the other direction stays open.
    mutating func tunnelDownstreamEnded(_ connection: DownstreamConnection) {
        if let exchange = connection.exchange, exchange.isShared {
            pushRequest(exchange)
            endSharedTunnelIfDone(exchange, connection)
            return
        }
        guard let exchange = connection.exchange, let upstream = exchange.upstream,
            exchange.machine.state == .tunnelling
        else { return }
        if exchange.tcp != nil, !endsInOrder(connection, exchange) { return }
        // Once: each flush looks at the client again.
        if !upstream.endsAfterFlush {
            upstream.endsAfterFlush = true
            markDirty(upstream)
        }
        endTunnelIfDone(exchange, connection)
    }

    /// A tunnel is over when both ends have closed and everything has been delivered.
    mutating func endTunnelIfDone(_ exchange: Exchange, _ connection: DownstreamConnection) {
        if exchange.isShared {
            endSharedTunnelIfDone(exchange, connection)
            return
        }
        guard exchange.machine.state == .tunnelling, connection.isPeerDone,
            let upstream = exchange.upstream, upstream.isPeerDone, connection.inbound.isEmpty,
            upstream.inbound.isEmpty, connection.outbound.isEmpty, upstream.hasSentAll
        else { return }
        connection.announcesEnd = false
        perform(exchange.handle(.responseCompleted), exchange)
    }

    private mutating func restartTunnelClock(
        _ connection: DownstreamConnection, _ upstream: UpstreamConnection, _ exchange: Exchange
    ) {
        guard let snapshot = exchange.installed?.snapshot else { return }
        setDeadline(
            connection, .tunnelIdle,
            after: exchange.tcp == nil
                ? exchange.tunnelIdleTimeout(snapshot) : snapshot.settings.timeouts.tcpIdle)
        clearDeadline(upstream)
    }
}
