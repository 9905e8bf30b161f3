internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import Telemetry

/// In front: a proxy names the client before anything else.
extension Worker {
    /// True exactly when the header of whoever connects is believed; who is not a trusted proxy is
    /// closed, since what it sends could be a header of its own making.
    mutating func admitsProxy(
        _ peer: SocketAddress, _ proxies: ProxyTrust, on binding: ListenerBinding
    ) -> Bool {
        let label = binding.plan.label
        if shedsConnections {
            metrics.limitReached(label, .memory)
            metrics.connectionRefused(label, reason: .memory)
            return false
        }
        guard proxies.trusts(peer) else {
            metrics.connectionRefused(label, reason: .untrustedProxy)
            events.sample(.info, .proxyHeaderRefused, now: now, "\(peer): not a trusted proxy")
            return false
        }
        return true
    }

    /// Reads the header at the front of what came, and begins with what the client says.
    mutating func readProxyHeader(_ connection: DownstreamConnection) {
        switch ProxyHeader.parse(connection.inbound.bytes) {
        case .needsMore: return
        case .failed(let fault): refuseProxyHeader(connection, fault.rawValue)
        case .complete(let header, let consumed):
            connection.inbound.removeFirst(consumed)
            guard let snapshot = installed?.snapshot,
                adopt(header, connection, snapshot)
            else { return }
            if connection.isTLS {
                connection.transition(to: .handshaking)
                // What came behind the header is the begin of the handshake.
                scratch.append(connection.inbound.bytes)
                connection.inbound.removeAll()
                if !scratch.isEmpty { unseal(connection) }
            } else {
                connection.transition(to: .http1)
                setDeadline(connection, .requestHead, after: snapshot.settings.timeouts.requestHead)
                beginPlainTCP(connection)
            }
        }
    }

    /// Puts the client in the place of the proxy; false where it is held to a limit.
    private mutating func adopt(
        _ header: ProxyHeader, _ connection: DownstreamConnection, _ snapshot: RuntimeSnapshot
    ) -> Bool {
        connection.told = ToldFacts(header)
        // The proxy's own connections, and those of clients without an address, stay its own.
        guard let source = header.source, let destination = header.destination else { return true }
        let client = SocketAddress(source)
        let others = clients[client.hostKey, default: 0]
        if let limit = refusal(of: client, others: others, snapshot) {
            count(connection.binding.plan.label, limit, of: client)
            connection.announcesEnd = false
            connection.socket.setResetOnClose()
            close(connection)
            return false
        }
        let proxy = connection.client.hostKey
        let left = (clients[proxy] ?? 1) - 1
        clients[proxy] = left > 0 ? left : nil
        clients[client.hostKey, default: 0] += 1
        connection.client = client
        connection.destination = SocketAddress(destination)
        return true
    }

    /// Closes a connection that does not begin with a header.
    mutating func refuseProxyHeader(_ connection: DownstreamConnection, _ reason: String) {
        metrics.connectionRefused(connection.binding.plan.label, reason: .proxyHeader)
        events.sample(.info, .proxyHeaderRefused, now: now, "\(connection.client): \(reason)")
        connection.announcesEnd = false
        connection.socket.setResetOnClose()
        close(connection)
    }
}
