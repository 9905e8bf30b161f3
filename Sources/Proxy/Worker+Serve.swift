internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Takes requests from a connection's input: one at a time, in their order.
    mutating func serve(_ connection: DownstreamConnection) {
        while connection.phase == .http1 {
            if let exchange = connection.exchange, exchange.isBegun {
                relayRequestBody(connection, exchange)
                return
            }
            guard !connection.inbound.isEmpty, let installed, connection.early != .waiting,
                connection.early != .ending
            else { return }
            // A client that sends request upon request without reading the answers waits.
            if connection.outbound.count >= installed.snapshot.settings.bufferBytes { return }
            let exchange =
                connection.exchange ?? takeExchange(for: connection, installed: installed)
            switch exchange.parseRequest(connection.inbound.bytes) {
            case .needsMore:
                awaitHead(connection, snapshot: installed.snapshot)
                return
            case .complete where mustWait(exchange, on: connection),
                .failed where connection.early != .none:
                waitForHandshake(exchange, on: connection)
                return
            case .complete(let consumed):
                connection.inbound.removeFirst(consumed)
                exchange.isEarly = connection.early != .none
                exchange.headBytes = consumed
                begin(exchange, on: connection)
            case .failed(let fault):
                exchange.headBytes = connection.inbound.count
                connection.inbound.removeAll()
                start(exchange, on: connection)
                answer(exchange, ProxyError(.badRequest(fault)))
                // What follows such a head would be answered by a reset (RFC 9112 §9.6).
                connection.isClientFinal = false
                return
            }
        }
    }

    /// True exactly when a request has come before the end of the handshake and is not to be served
    /// before that.
    private func mustWait(_ exchange: Exchange, on connection: DownstreamConnection) -> Bool {
        guard connection.early != .none, let snapshot = exchange.installed?.snapshot else {
            return false
        }
        return !Worker.mayComeEarly(exchange.request, snapshot.hosts)
    }

    /// True exactly when a request may be served before the end of the handshake: one that does no
    /// harm if it comes twice, for a site that takes such. The site that was named in the
    /// ClientHello has said so, but the request may be for another one.
    private static func mayComeEarly(
        _ request: borrowing RequestHead, _ hosts: CredentialStore
    ) -> Bool {
        guard request.mayBeRepeated, case .site(let site) = hosts.select(serverName: request.host)
        else { return false }
        return hosts.sites[site].allowsEarlyData
    }

    /// The head's deadline runs from its first byte and does not move: dripping bytes gains
    /// nothing.
    private mutating func awaitHead(_ connection: DownstreamConnection, snapshot: RuntimeSnapshot) {
        guard connection.deadlineKind != .requestHead else { return }
        setDeadline(connection, .requestHead, after: snapshot.settings.timeouts.requestHead)
    }

    private mutating func takeExchange(
        for connection: DownstreamConnection, installed: InstalledSnapshot
    ) -> Exchange {
        let exchange = spareExchange(limits: installed.snapshot.settings.requestLimits)
        exchange.prepare(connection, installed: installed, now: now)
        connection.exchange = exchange
        return exchange
    }

    /// An ended exchange to be used again, or a new one.
    mutating func spareExchange(limits: MessageLimits) -> Exchange {
        spareExchanges.popLast() ?? Exchange(limits: limits, buffers: buffers)
    }

    /// From here on the exchange counts: it will be accounted for exactly once.
    mutating func start(_ exchange: Exchange, on connection: DownstreamConnection) {
        exchange.isBegun = true
        exchange.form = exchange.request.form
        exchange.startedAt = now
        exchange.startedWall = WallTime.now()
        connection.requestCount += 1
        if exchange.link == nil { clearDeadline(connection) }
    }

    /// Sends a request, whose head is complete, on its way.
    mutating func begin(_ exchange: Exchange, on connection: DownstreamConnection) {
        start(exchange, on: connection)
        guard let installed = exchange.installed else { return }
        let snapshot = installed.snapshot
        exchange.keepsAlive =
            exchange.form.isKeepAlive
            && connection.requestCount < snapshot.settings.requestsPerConnection
            && drainDeadline == nil
        exchange.awaitsContinue = exchange.form.expectsContinue
        let framing = exchange.form.framing
        exchange.requestBody = BodyDecoder(framing, trailerLimits: snapshot.settings.requestLimits)
        if let fault = snapshot.settings.requestPolicy.apply(to: &exchange.request) {
            exchange.keepsAlive = false
            answer(exchange, ProxyError(.badRequest(fault)))
            return
        }
        if let port = connection.binding.redirectPort {
            redirect(exchange, to: port)
            return
        }
        if let error = route(exchange, snapshot, on: connection)
            ?? tooLarge(framing, exchange)
        {
            answer(exchange, error)
            return
        }
        if let group = exchange.group {
            prepareAttempts(exchange, installed, group)
        } else {
            exchange.machine = ExchangeMachine(
                isIdempotent: exchange.form.method.isIdempotent, servers: 1, retries: 0)
        }
        if exchange.isBodyless {
            _ = exchange.handle(.requestCompleted)
        }
        if let rules = exchange.rules, !passes(exchange, rules, on: connection) { return }
        connect(exchange, fresh: false)
    }

    private mutating func tooLarge(_ framing: BodyFraming, _ exchange: Exchange) -> ProxyError? {
        guard let limit = exchange.requestBodyLimit, case .length(let length) = framing else {
            return nil
        }
        return length > limit ? ProxyError(.bodyTooLarge) : nil
    }

    /// Finds the site by host and the backend by path; returns what stands against it.
    private mutating func route(
        _ exchange: Exchange, _ snapshot: RuntimeSnapshot, on connection: DownstreamConnection
    ) -> ProxyError? {
        guard case .site(let site) = snapshot.hosts.select(serverName: exchange.request.host) else {
            return ProxyError(connection.isTLS ? .misdirected : .unknownHost)
        }
        exchange.site = site
        // RFC 9110 §7.4: what is asked for under `https` is given over TLS only.
        if !connection.isTLS, exchange.request.demandsTLS { return ProxyError(.misdirectedScheme) }
        // RFC 9110 §7.4: a connection serves the hosts that its certificate covers. The session is
        // asked, not the snapshot: a reload gives sites other numbers and other certificates, and
        // this connection was given what it was given.
        if connection.isTLS, connection.tls?.serves(host: exchange.request.host) != true {
            return ProxyError(.misdirected)
        }
        let policy = snapshot.hosts.clientVerification(of: site)
        if let error = objection(to: connection, asking: policy) {
            // No later request would fare better: the client is to make another connection.
            if error.kind == .misdirectedClient {
                exchange.keepsAlive = false
                if let link = exchange.link { sayGoodbye(connection, link) }
            }
            return error
        }
        let routes = snapshot.sites[site].routes
        if routes.isGuarded, routes.leadsElsewhere(exchange.request, scratch: &exchange.ruleText) {
            return ProxyError(.badRequest(.ambiguousPath))
        }
        let route = routes.route(exchange.request.path)
        return admit(exchange, to: route, snapshot, on: connection)
    }

    /// Passes on what has come of the request's body, as far as the server's connection has room
    /// for it.
    mutating func relayRequestBody(_ connection: DownstreamConnection, _ exchange: Exchange) {
        if exchange.isShared {
            pushRequest(exchange)
            return
        }
        if exchange.link != nil {
            relayStreamBody(exchange)
            return
        }
        guard !exchange.machine.isRequestComplete, let upstream = exchange.upstream,
            upstream.phase == .busy, let snapshot = exchange.installed?.snapshot
        else { return }
        // That the body has ended needs no room; nothing would tell of it later.
        while upstream.outbound.count < snapshot.settings.bufferBytes
            || exchange.requestBody.isComplete
        {
            switch exchange.stepRequestBody(connection.inbound.bytes) {
            case .bytes(let range):
                exchange.bytesIn += range.count
                if let limit = exchange.requestBodyLimit, exchange.bytesIn > limit {
                    fail(exchange, .downstreamFailed(ProxyError(.bodyTooLarge)))
                    return
                }
                exchange.keep(range, of: connection.inbound)
                forwardBody(
                    connection.inbound.bytes.extracting(range), to: upstream,
                    chunked: exchange.form.framing == .chunked)
                connection.inbound.removeFirst(range.upperBound)
            case .needsMore(let consumed):
                connection.inbound.removeFirst(consumed)
                awaitBody(connection, exchange)
                return
            case .end(let consumed):
                connection.inbound.removeFirst(consumed)
                if let fault = exchange.settleTrailers() {
                    fail(exchange, .downstreamFailed(ProxyError(.badRequest(fault))))
                    return
                }
                clearDeadline(connection)
                endRequest(exchange, upstream)
                return
            case .failed(let fault):
                fail(exchange, .downstreamFailed(ProxyError(.badRequest(fault))))
                return
            }
        }
        clearDeadline(connection)
    }

    /// Puts a piece of a request's body on the server's connection.
    mutating func forwardBody(_ bytes: Span<UInt8>, to upstream: UpstreamConnection, chunked: Bool)
    {
        guard chunked else {
            write(bytes, to: upstream)
            return
        }
        MessageWriter.appendChunkHeader(size: bytes.count, to: &upstream.outbound)
        upstream.outbound.append(bytes)
        MessageWriter.appendChunkEnd(to: &upstream.outbound)
        markDirty(upstream)
    }

    /// All of the request has been taken from the client.
    mutating func endRequest(_ exchange: Exchange, _ upstream: UpstreamConnection) {
        if exchange.form.framing == .chunked {
            MessageWriter.appendLastChunk(
                trailers: exchange.requestTrailers, to: &upstream.outbound)
            markDirty(upstream)
        }
        _ = exchange.handle(.requestCompleted)
        setDeadline(upstream, after: exchange.timeouts.firstByte)
    }
}
