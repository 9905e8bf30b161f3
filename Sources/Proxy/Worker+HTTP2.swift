internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Speaks HTTP/2 on a connection whose client has chosen it (RFC 9113 §3.2).
    mutating func beginHTTP2(_ connection: DownstreamConnection) {
        guard let snapshot = installed?.snapshot else { return }
        do throws(HTTP2Fault) {
            let session = try HTTP2Session(
                role: .server, settings: snapshot.settings.http2,
                limits: snapshot.settings.requestLimits,
                sentHeadBytes: snapshot.settings.responseLimits.headBytes,
                budgets: snapshot.settings.http2Budgets, milliseconds: Worker.milliseconds(now))
            connection.link = HTTP2Link(session: session)
            connection.transition(to: .http2)
            clearDeadline(connection)
            if let link = connection.link {
                awaitStream(connection, link, for: snapshot.settings.timeouts.requestHead)
                link.settingsDeadline = now + snapshot.settings.timeouts.requestHead
                // The others were told before this one could hear it.
                let isLeaving = drainDeadline != nil || connection.binding.socket == nil
                if isLeaving { sayGoodbye(connection, link) }
            }
            markDirty(connection)
        } catch {
            events.sample(.error, .internalError, now: now, "\(error)")
            abort(connection, because: ProxyError(.internalError))
        }
    }

    /// Takes what came on an HTTP/2 connection.
    mutating func serveHTTP2(_ connection: DownstreamConnection) {
        guard let link = connection.link else { return }
        if !connection.inbound.isEmpty {
            link.session.receive(
                connection.inbound.bytes, milliseconds: Worker.milliseconds(now))
            takeEvents(connection, link)
            connection.inbound.removeAll()
        }
        guard connection.phase == .http2 else { return }
        watchHeadBlock(connection, link)
        if link.session.wantsWrite { markDirty(connection) }
    }

    /// Acts on what the session tells, after it has read or written.
    mutating func takeEvents(_ connection: DownstreamConnection, _ link: HTTP2Link) {
        while connection.phase == .http2, let event = link.session.nextEvent() {
            take(event, connection, link)
        }
        if !link.session.awaitsSettingsAck { link.settingsDeadline = .distantFuture }
        if connection.phase == .http2, let fault = link.session.fault {
            sessionFailed(connection, link, fault)
        }
    }

    /// A header block must end in time, as a head of HTTP/1.1 must: nothing else may come between
    /// its frames (RFC 9113 §4.3).
    private mutating func watchHeadBlock(_ connection: DownstreamConnection, _ link: HTTP2Link) {
        guard link.session.isHeaderBlockOpen else {
            link.headDeadline = .distantFuture
            return
        }
        guard link.headDeadline == .distantFuture, let snapshot = installed?.snapshot
        else { return }
        link.headDeadline = now + snapshot.settings.timeouts.requestHead
        watch(connection, until: link.headDeadline)
    }

    private mutating func take(
        _ event: HTTP2Event, _ connection: DownstreamConnection, _ link: HTTP2Link
    ) {
        switch event {
        case .request(let stream, let endsStream):
            beginStream(connection, link, stream, endsStream: endsStream)
        case .refused(let stream, let fault):
            refuseStream(connection, link, stream, fault)
        case .data(let stream, let token, let range):
            takeBody(connection, link, stream, link.exchange(token, of: stream), range)
        case .end(let stream, let token, let hasTrailers):
            guard let exchange = link.exchange(token, of: stream) else { return }
            if hasTrailers { link.session.takeTrailers(into: &exchange.requestTrailers) }
            endStreamRequest(exchange)
        case .reset(let stream, let token, _, let isByPeer):
            guard let exchange = link.exchange(token, of: stream) else { return }
            let kind: ProxyError.Kind = isByPeer ? .clientClosed : .brokenStream
            dropStream(exchange, because: ProxyError(kind))
        case .goAway, .settings, .response:
            // A client that says goodbye still waits for what it has asked for.
            break
        }
    }

    /// All of a request has come.
    private mutating func endStreamRequest(_ exchange: Exchange) {
        exchange.hasRequestEnded = true
        if let fault = exchange.settleTrailers() {
            fail(exchange, .downstreamFailed(ProxyError(.badRequest(fault))))
        } else {
            relayStreamBody(exchange)
        }
    }

    private mutating func beginStream(
        _ connection: DownstreamConnection, _ link: HTTP2Link, _ stream: Int32, endsStream: Bool
    ) {
        guard let exchange = takeStream(connection, link, stream) else { return }
        link.session.takeRequest(into: &exchange.request)
        exchange.hasRequestEnded = endsStream
        exchange.headBytes = exchange.request.byteCount
        begin(exchange, on: connection)
        countStream(connection, link)
    }

    /// The last request that the connection may bring is followed by goodbye.
    private mutating func countStream(_ connection: DownstreamConnection, _ link: HTTP2Link) {
        guard let limit = installed?.snapshot.settings.requestsPerConnection,
            connection.phase == .http2, connection.requestCount >= limit
        else { return }
        if connection.requestCount == limit { reached(.requestsPerConnection, connection) }
        sayGoodbye(connection, link)
    }

    /// A request that breaks a rule and gets an answer that says so.
    private mutating func refuseStream(
        _ connection: DownstreamConnection, _ link: HTTP2Link, _ stream: Int32, _ fault: HTTPFault
    ) {
        guard let exchange = takeStream(connection, link, stream) else { return }
        start(exchange, on: connection)
        answer(exchange, ProxyError(.badRequest(fault)))
        countStream(connection, link)
    }

    private mutating func takeStream(
        _ connection: DownstreamConnection, _ link: HTTP2Link, _ stream: Int32
    ) -> Exchange? {
        guard let installed else { return nil }
        let exchange = spareExchange(limits: installed.snapshot.settings.requestLimits)
        exchange.prepare(connection, installed: installed, now: now)
        link.insert(exchange, stream: stream)
        return exchange
    }

    /// The peer broke the protocol or ran out of a budget: everything on the connection ends.
    private mutating func sessionFailed(
        _ connection: DownstreamConnection, _ link: HTTP2Link, _ fault: HTTP2Fault
    ) {
        let label = connection.binding.plan.label
        metrics.http2Failed(label, HTTP2ErrorLabel(code: fault.code.rawValue))
        events.sample(
            .debug, .http2Failed, now: now, "\(connection.client): \(fault.label)")
        if case .budget(let kind) = fault { reached(LimitLabel(kind), connection) }
        endStreams(link, because: ProxyError(.brokenStream))
        beginClosing(connection)
    }

    /// Ends all streams of a connection that is about to end itself.
    mutating func endStreams(_ link: HTTP2Link, because error: ProxyError) {
        link.forEach { dropStream($0, because: error) }
    }

    /// Announces the end in two steps (RFC 9113 §6.8): what is on its way is still served.
    mutating func sayGoodbye(_ connection: DownstreamConnection, _ link: HTTP2Link) {
        guard link.goodbye == .none else { return }
        link.goodbye = .announced
        link.session.beginShutdown()
        link.goodbyeDeadline = now + Worker.goodbyePause
        watch(connection, until: link.goodbyeDeadline)
        markDirty(connection)
    }

    /// The second step: streams that begin from now on are refused; once none is left, the
    /// connection ends.
    mutating func finishGoodbye(_ connection: DownstreamConnection, _ link: HTTP2Link) {
        link.goodbyeDeadline = .distantFuture
        guard link.goodbye == .announced else { return }
        link.goodbye = .final
        link.session.finishShutdown()
        markDirty(connection)
        if link.count == 0 { beginClosing(connection) }
    }

    static func milliseconds(_ time: MonotonicTime) -> Int64 {
        Int64(clamping: time.nanoseconds / 1_000_000)
    }

    /// How long a client has to see the first GOAWAY before the last one (RFC 9113 §6.8: at least a
    /// round trip).
    static let goodbyePause = Duration.seconds(1)
}

extension LimitLabel {
    /// The limit that a budget of HTTP/2 is.
    fileprivate init(_ kind: HTTP2Budgets.Kind) {
        self =
            switch kind {
            case .resets: .http2Resets
            case .settings: .http2Settings
            case .pings: .http2Pings
            case .priorities: .http2Priorities
            case .emptyData: .http2EmptyData
            case .windowUpdates: .http2WindowUpdates
            case .continuations: .http2Continuations
            case .unknownFrames: .http2UnknownFrames
            case .lateFrames: .http2LateFrames
            case .fields: .http2HeaderList
            }
    }
}
