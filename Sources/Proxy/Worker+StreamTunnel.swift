internal import Bytes
internal import HTTP
internal import Platform

/// Tunnels on streams: WebSocket over HTTP/2 (RFC 8441).
extension Worker {
    /// The server has switched: the client hears 200, and from here on DATA is bytes
    /// (RFC 8441 §5).
    mutating func openStreamTunnel(_ exchange: Exchange, _ link: HTTP2Link) {
        guard let connection = exchange.downstream else { return }
        exchange.status = 200
        exchange.bodyDeadline = .distantFuture
        message.begin()
        message.add(":status", "200")
        message.addSwitching(exchange.response.fields)
        guard link.session.submitResponse(message, exchange.stream, endsStream: false) else {
            dropStream(exchange, because: ProxyError(.internalError))
            return
        }
        markDirty(connection)
        restartStreamTunnelClock(exchange)
        streamAdvanced(exchange)
        relayStreamBody(exchange)
    }

    /// A tunnel is over when both ends have closed and everything has been delivered.
    mutating func endStreamTunnelIfDone(_ exchange: Exchange) {
        guard exchange.machine.state == .tunnelling, exchange.hasRequestEnded,
            exchange.bodyEnd == .complete, exchange.requestQueue.isEmpty
        else { return }
        if exchange.isShared {
            guard exchange.intake.isComplete else { return }
        } else {
            guard let upstream = exchange.upstream, upstream.outbound.isEmpty else { return }
        }
        perform(exchange.handle(.responseCompleted), exchange)
    }
}
