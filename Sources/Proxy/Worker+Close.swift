internal import Bytes
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Ends a connection in peace: what is queued goes out, then `close_notify`, then FIN; the
    /// client gets a moment to close too, so that no reset overtakes the last answer
    /// (RFC 9112 §9.6).
    mutating func beginClosing(_ connection: DownstreamConnection) {
        guard connection.phase != .closing, connection.phase != .closed else { return }
        if let exchange = connection.exchange, !exchange.isBegun {
            connection.exchange = nil
            recycle(exchange)
        }
        guard connection.early == .none else {
            endAfterHandshake(connection)
            return
        }
        // First, since what follows would have reason to close it, too.
        connection.transition(to: .closing)
        if let link = connection.link {
            endStreams(link, because: ProxyError(.clientClosed))
            // No stream is left, so that these are heads and resets, which the library drops where
            // the end has been asked for.
            pump(connection, link, upTo: .max)
            link.session.terminate(.noError)
            pump(connection, link, upTo: .max)
        }
        connection.inbound.removeAll()
        if connection.announcesEnd { connection.tls?.close(output: &connection.outbound) }
        connection.endsAfterFlush = true
        // First the client is to take what is queued, then to close.
        clearDeadline(connection)
        markDirty(connection)
    }

    /// Gives the client, which has its last response, a moment to close first; who has asked for
    /// the end is closed by `closeFinal`.
    mutating func linger(_ connection: DownstreamConnection) {
        if connection.isClientFinal {
            finalDownstreams.append(connection)
        } else {
            setDeadline(connection, .lingering, after: lingering)
        }
    }

    /// Closes who has asked for the end, now that all that this turn brought is read: where
    /// something came that nobody has read, a reset would answer it.
    mutating func closeFinal() {
        guard !finalDownstreams.isEmpty else { return }
        for connection in finalDownstreams where connection.phase == .closing {
            // A batch that was full leaves some of what came untold.
            if connection.canRead || (!hasSeenAll && connection.socket.isReadableOrClosed()) {
                setDeadline(connection, .lingering, after: lingering)
            } else {
                close(connection)
            }
        }
        finalDownstreams.removeAll(keepingCapacity: true)
    }

    /// Closes the socket at the end of the tick.
    mutating func close(_ connection: DownstreamConnection) {
        guard connection.phase != .closed else { return }
        connection.transition(to: .closed)
        closedDownstreams.append(connection)
    }

    /// Closes the socket at the end of the tick.
    mutating func close(_ upstream: UpstreamConnection) {
        let label = upstream.pool.plan.label
        switch upstream.phase {
        case .closed: return
        case .idle:
            sayGoodbye(upstream)
            upstream.pool.forget(upstream)
            metrics.upstreamIdle(label, by: -1)
        case .busy, .connecting:
            if upstream.link != nil { upstream.pool.forget(upstream) }
            metrics.upstreamActive(label, by: -1)
        }
        upstream.leaveRaces()
        upstream.phase = .closed
        upstream.pool.load.openCount -= 1
        closedUpstreams.append(upstream)
    }

    /// Frees the slots of what was closed in this tick; their generation moves on, so that late
    /// events are stale.
    mutating func releaseClosed() {
        if !closedDownstreams.isEmpty { releaseDownstreams() }
        guard !closedUpstreams.isEmpty else { return }
        for upstream in closedUpstreams {
            wheel.cancel(upstream.id.index << 1 | 1)
            upstream.exchange = nil
            upstreams.remove(upstream.id)
        }
        closedUpstreams.removeAll(keepingCapacity: true)
    }

    private mutating func releaseDownstreams() {
        for connection in closedDownstreams {
            wheel.cancel(connection.id.index << 1)
            if let exchange = connection.exchange {
                connection.exchange = nil
                exchange.retire()
            }
            forget(connection.client.hostKey)
            metrics.connectionClosed(connection.binding.plan.label)
            closeOwned(connection)
            downstreams.remove(connection.id)
        }
        closedDownstreams.removeAll(keepingCapacity: true)
    }

    /// An address has a connection less.
    private mutating func forget(_ address: AddressKey) {
        guard let place = clients.index(forKey: address) else { return }
        if clients.values[place] > 1 {
            clients.values[place] -= 1
        } else {
            clients.remove(at: place)
        }
    }
}
