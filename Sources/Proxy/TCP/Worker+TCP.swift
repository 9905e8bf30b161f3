internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Notes what it takes to tell later whether an accepted connection speaks HTTP: its session
    /// and its listener speak of the sites and the backends of this snapshot, whatever is installed
    /// meanwhile.
    mutating func prepareChoice(_ connection: DownstreamConnection) {
        guard let installed else { return }
        if connection.isTLS {
            guard installed.snapshot.hasTCPSites else { return }
            connection.choice = SiteChoice(installed: installed)
        } else if let plan = connection.binding.plan.tcp {
            connection.choice = SiteChoice(installed: installed, plan: plan)
        }
    }

    /// Begins at once where the listener of a connection without TLS serves nothing else.
    mutating func beginPlainTCP(_ connection: DownstreamConnection) {
        guard connection.phase == .http1, let choice = connection.choice, let plan = choice.plan
        else { return }
        connection.choice = nil
        connection.transition(to: .tunnel)
        beginTCP(connection, TCPLeg(plan: plan, host: nil), site: nil, choice.installed)
    }

    /// Looks at the part of a ClientHello that stands in `scratch`.
    ///
    /// - Returns: true exactly when TLS ends here, and goes on with what then stands in `scratch`:
    ///   all that has come.
    mutating func endsTLS(_ connection: DownstreamConnection) -> Bool {
        guard let choice = connection.choice, choice.scanner != nil else { return true }
        connection.inbound.append(scratch.bytes)
        let outcome = choice.scanner?.scan(scratch.bytes)
        if outcome == .needsMore { return false }
        let hosts = choice.installed.snapshot.hosts
        if outcome == .complete, case .site(let site) = choice.scanner?.select(in: hosts),
            let plan = choice.installed.snapshot.sites[site].passthrough
        {
            let leg = TCPLeg(plan: plan, host: choice.scanner?.serverName)
            connection.passThrough()
            beginTCP(connection, leg, site: nil, choice.installed)
            return false
        }
        choice.scanner = nil
        swap(&scratch, &connection.inbound)
        connection.inbound.removeAll()
        return true
    }

    /// The handshake has ended: passes bytes on where it has chosen a TCP site.
    ///
    /// - Returns: true exactly when it has.
    mutating func beginsTCP(_ connection: DownstreamConnection) -> Bool {
        guard let choice = connection.choice else { return false }
        connection.choice = nil
        guard let site = connection.tls?.site, let plan = choice.installed.snapshot.sites[site].tcp
        else { return false }
        connection.transition(to: .tunnel)
        scratch.removeAll()
        decrypt(connection)
        guard connection.phase == .tunnel else { return true }
        // The ticket need not wait for a server that may be silent.
        markDirty(connection)
        let leg = TCPLeg(plan: plan, host: connection.tls?.serverName)
        beginTCP(connection, leg, site: site, choice.installed)
        return true
    }

    /// Connects to a server at once, since many of them speak first.
    private mutating func beginTCP(
        _ connection: DownstreamConnection, _ leg: TCPLeg, site: Int?,
        _ installed: InstalledSnapshot
    ) {
        let snapshot = installed.snapshot
        let exchange = spareExchange(limits: snapshot.settings.requestLimits)
        exchange.prepare(connection, installed: installed, now: now)
        exchange.tcp = leg
        exchange.group = leg.plan.group
        connection.exchange = exchange
        start(exchange, on: connection)
        let backend = installed.loads[leg.plan.group].policy
        exchange.timeouts = ServerTimeouts(snapshot.settings.timeouts, backend.timeouts)
        exchange.machine = ExchangeMachine(
            isIdempotent: false, servers: installed.pools[leg.plan.group].count, retries: 0,
            causes: backend.retries.causes)
        _ = exchange.handle(.requestCompleted)
        let policy = site.flatMap { snapshot.hosts.clientVerification(of: $0) }
        if let error = objection(to: connection, asking: policy) {
            answer(exchange, error)
        } else if shedsRequests {
            answer(exchange, ProxyError(.memoryShort))
        } else {
            connect(exchange, fresh: true)
        }
    }

    /// The server has taken the connection: from here on bytes are bytes.
    mutating func openTCP(_ exchange: Exchange) {
        guard let connection = exchange.downstream, let upstream = exchange.upstream else { return }
        upstream.requestCount += 1
        exchange.sentAt = now
        _ = exchange.handle(.switchedProtocols)
        // The server may wait for the header of the PROXY protocol, and the client for the server.
        if !upstream.hasSentAll { markDirty(upstream) }
        relayTunnelFromDownstream(connection)
        if connection.canRead { markReady(connection) }
        if connection.isPeerDone, connection.phase == .tunnel { tunnelDownstreamEnded(connection) }
    }

    /// Counts what was passed on, and begins the wait for more anew.
    mutating func tcpMoved(_ exchange: Exchange, bytesIn: Int = 0, bytesOut: Int = 0) {
        guard let leg = exchange.tcp, bytesIn + bytesOut > 0 else { return }
        metrics.tcpMoved(leg.plan.label, bytesIn: bytesIn, bytesOut: bytesOut)
    }

    /// One end has taken what waited for it: the two are not idle.
    mutating func restartTCPClock(_ exchange: Exchange) {
        guard let connection = exchange.downstream, exchange.machine.state == .tunnelling,
            let snapshot = exchange.installed?.snapshot
        else { return }
        setDeadline(connection, .tunnelIdle, after: snapshot.settings.timeouts.tcpIdle)
    }

    /// The client's end of a TCP site's connection is passed on as it came.
    ///
    /// - Returns: true exactly when it came in good order: the end of a TLS session that nobody has
    ///   announced may be anybody's, and the server must not take what it has for all
    ///   (RFC 8446 §6.1).
    mutating func endsInOrder(_ connection: DownstreamConnection, _ exchange: Exchange) -> Bool {
        if exchange.tcp?.ender == .nobody { exchange.tcp?.ender = .client }
        guard connection.isTLS, connection.tls?.hasReceivedCloseNotify != true else { return true }
        abort(connection, because: ProxyError(.clientClosed))
        return false
    }

    /// The server, whose end was passed on already, takes no more: the client gets what waits for
    /// it, and the end.
    mutating func finishTCP(_ exchange: Exchange, _ connection: DownstreamConnection) {
        perform(exchange.handle(.responseCompleted), exchange)
        if connection.phase == .closing, connection.isShutDown {
            setDeadline(connection, .lingering, after: lingering)
        }
    }

    /// Counts and logs a connection of a TCP site; called exactly once for each.
    mutating func accountTCP(
        _ exchange: Exchange, _ leg: TCPLeg, _ connection: DownstreamConnection
    ) {
        metrics.tcpEnded(leg.plan.label, result: exchange.tcpResult)
        if let limit = exchange.error?.limit { reached(limit, connection) }
        guard accessLog != nil, let snapshot = exchange.installed?.snapshot,
            let format = snapshot.settings.accessLogFormat
        else { return }
        fill(exchange, connection, site: leg.plan.name)
        record.method.removeAll()
        record.version = .tcp
        record.status = 0
        if let host = leg.host { record.host.append(host) }
        record.endedBy = exchange.tcpEnder
        AccessLogFormatter.append(record, format: format, to: &accessLine)
        accessLog?.write(accessLine.bytes)
        accessLine.removeAll()
    }
}

extension Exchange {
    /// How the connection ended, for metrics.
    fileprivate var tcpResult: TCPResult {
        guard let error else { return .completed }
        switch error.kind {
        case .idleTunnel: return .idle
        case .drained: return .drained
        case .upstreamTruncated: return .serverReset
        case .memoryShort, .clientNotAllowed, .clientCertificateMissing, .misdirectedClient:
            return .refused
        default: break
        }
        switch error.origin {
        case .client: return .clientReset
        case .upstream: return .connectFailed
        case .internal, .none: return .failed
        }
    }

    /// Who ended the connection, for the log.
    fileprivate var tcpEnder: StaticString {
        switch tcpResult {
        case .completed: tcp?.ender == .server ? "server" : "client"
        case .clientReset: "client"
        case .serverReset, .connectFailed: "server"
        case .idle, .refused, .drained, .failed: "proxy"
        }
    }
}
