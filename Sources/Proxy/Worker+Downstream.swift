internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

extension Worker {
    /// Takes what epoll says of a client's connection.
    mutating func downstreamEvent(_ id: SlotID, _ event: Poller.Event) {
        guard let connection = downstreams[id] else {
            metrics.staleEvent()
            return
        }
        if event.isWritable, !connection.canWrite {
            connection.canWrite = true
            markDirty(connection)
        }
        if event.isPeerClosed || event.isHangup { connection.isEndAnnounced = true }
        if event.isReadable || event.isPeerClosed || event.isHangup {
            connection.canRead = true
            readDownstream(connection)
        }
        // A client that has ended its side is not read any more; a reset behind that end is an
        // error of the socket.
        if event.isHangup, connection.phase == .tunnel, connection.isPeerDone,
            connection.socket.pendingError() != 0
        {
            abort(connection, because: ProxyError(.clientClosed))
        }
    }

    /// Reads once, if there is something to read and room for it, and goes on with what came.
    mutating func readDownstream(_ connection: DownstreamConnection) {
        guard connection.canRead, !connection.isPeerDone, connection.phase != .closed
        else { return }
        guard wantsInput(connection) else {
            if connection.isEndAnnounced { endedUnread(connection) }
            return
        }
        // The kernel tells of bytes while it still holds the socket: whoever reads at once waits
        // for it, so that what there is to do anyway is done before.
        if connection.phase == .handshaking, connection.choice == nil {
            guard beginTLS(connection) else { return }
        }
        let limit = readLimit(connection)
        let outcome =
            connection.isTLS && connection.phase != .proxyProtocol
            ? connection.socket.receive(into: &scratch, atMost: limit)
            : connection.socket.receive(into: &connection.inbound, atMost: limit)
        switch outcome {
        case .bytes(let count):
            connection.bringsMuch = bringsMuch(count)
            if count < limit && !connection.isEndAnnounced {
                connection.canRead = false
            } else {
                markReady(connection)
            }
            if connection.phase == .proxyProtocol {
                readProxyHeader(connection)
            } else if connection.isTLS {
                unseal(connection)
            }
            proceed(connection)
        case .wouldBlock:
            connection.canRead = false
        case .endOfStream:
            connection.canRead = false
            connection.isPeerDone = true
            downstreamEnded(connection)
        case .failed:
            connection.canRead = false
            connection.isPeerDone = true
            connection.announcesEnd = false
            if connection.phase == .tunnel {
                abort(connection, because: ProxyError(.clientClosed))
            } else {
                downstreamEnded(connection)
            }
        }
        // Who is quiet holds no block.
        connection.inbound.releaseStorageIfEmpty()
    }

    /// The client's end has come behind what is not read. That need not be read to know that nobody
    /// waits for a response any more; of a tunnel, only a reset says so.
    private mutating func endedUnread(_ connection: DownstreamConnection) {
        if connection.phase == .http1, connection.exchange?.isBegun == true {
            connection.isPeerDone = true
            downstreamEnded(connection)
        } else if connection.phase == .tunnel, connection.socket.pendingError() != 0 {
            abort(connection, because: ProxyError(.clientClosed))
        }
    }

    /// True exactly when more input can be taken without holding more than the buffer bound:
    /// reading stops while the server does not take what the client sends.
    private mutating func wantsInput(_ connection: DownstreamConnection) -> Bool {
        switch connection.phase {
        case .proxyProtocol, .handshaking, .closing: return true
        case .closed: return false
        case .http2:
            // Windows bound what streams send; answers to what else the client sends must not pile
            // up while it reads none.
            return connection.outbound.count < Worker.mostWaiting
        case .http1, .tunnel:
            // OpenSSL bounds what comes before the end of the handshake.
            if connection.early != .none { return true }
            guard let snapshot = installed?.snapshot else { return false }
            let waiting = connection.exchange?.upstream?.outbound.count ?? 0
            return connection.inbound.count < snapshot.settings.inputBytes
                && waiting < snapshot.settings.bufferBytes
        }
    }

    /// Runs the handshake, or decrypts into `inbound`, with what stands in `scratch`.
    mutating func unseal(_ connection: DownstreamConnection) {
        if connection.phase == .handshaking
            || (connection.phase == .http1 && connection.early != .none)
        {
            handshake(connection)
        } else if connection.phase != .closing {
            decrypt(connection)
        }
        scratch.removeAll()
    }

    /// Decrypts what stands in `scratch`.
    mutating func decrypt(_ connection: DownstreamConnection) {
        let turn = Worker.decrypt(
            scratch, with: &connection.tls, into: &connection.inbound,
            output: &connection.outbound,
            idleLimit: installed?.snapshot.settings.keyUpdates ?? .max)
        if turn.hasAnswered { markDirty(connection) }
        switch turn.outcome {
        case .bytes: break
        case .closed: connection.isPeerDone = true
        case .failed:
            connection.isPeerDone = true
            connection.announcesEnd = false
        }
        judgeIdleMessages(connection, keyUpdates: turn.keyUpdates, tinyRecords: turn.tinyRecords)
    }

    /// What came of decrypting: apart from the outcome, whether the session has something to say by
    /// itself, and what came that cost work and carried nothing.
    private typealias Turn = (
        outcome: TLSReadOutcome, hasAnswered: Bool, keyUpdates: Int, tinyRecords: Int
    )

    /// All that a turn does with a session, in one access to each part of the connection.
    private static func decrypt(
        _ input: borrowing ByteQueue, with session: inout TLSSession?,
        into inbound: inout ByteQueue, output: inout ByteQueue, idleLimit: Int
    ) -> Turn {
        let queued = output.count
        guard
            let outcome = session?.read(
                input.bytes, into: &inbound, output: &output, idleLimit: idleLimit),
            let idle = session?.takeIdleMessages()
        else { return (.failed, false, 0, 0) }
        return (outcome, output.count != queued, idle.keyUpdates, idle.tinyRecords)
    }

    /// Makes the session of a connection that has none yet: who connects and says nothing costs no
    /// memory for one. False where OpenSSL fails, and the connection is over.
    private mutating func beginTLS(_ connection: DownstreamConnection) -> Bool {
        guard let context = connection.context else { return true }
        connection.context = nil
        do throws(TLSError) {
            connection.tls = try TLSSession(context: context)
            return true
        } catch {
            events.sample(.error, .internalError, now: now, "\(error)")
            handshakeFailed(connection, .internalError)
            return false
        }
    }

    private mutating func handshake(_ connection: DownstreamConnection) {
        guard endsTLS(connection), admitsHandshake(connection), beginTLS(connection) else {
            return
        }
        let step = connection.tls?.advance(
            scratch.bytes, earlyData: &connection.inbound, output: &connection.outbound)
        // Not at the end of the handshake: who sends a recording never reaches it.
        if let fate = step?.fate { countEarlyData(fate, connection) }
        switch step?.outcome {
        case .needsInput:
            markDirty(connection)
            // Frames wait for the end of the handshake: a request among them could do harm.
            if connection.phase == .handshaking, !connection.inbound.isEmpty,
                connection.tls?.speaksHTTP2 != true
            {
                beginEarly(connection)
            }
        case .done:
            handshakeDone(connection)
        case .failed(let failure):
            handshakeFailed(connection, failure)
        case nil:
            handshakeFailed(connection, .internalError)
        }
    }

    private mutating func handshakeDone(_ connection: DownstreamConnection) {
        guard let agreement = connection.tls?.agreement else { return }
        count(agreement, connection)
        if beginsTCP(connection) { return }
        if connection.phase == .handshaking, !agreement.speaksHTTP2 {
            connection.transition(to: .http1)
        }
        let isEnding = endEarly(connection)
        if agreement.speaksHTTP2 { beginHTTP2(connection) }
        scratch.removeAll()
        decrypt(connection)
        if isEnding { beginClosing(connection) }
        // The ticket leaves with the response where a request has already come: one write less.
        // Before TLS 1.3 our Finished is there, too, for which a client may wait that has sent its
        // request so early (RFC 7918 §3).
        if connection.inbound.isEmpty || agreement.version != .tls13 { markDirty(connection) }
    }

    /// Counts what the two agreed on; names are asked for once each.
    private mutating func count(_ agreement: TLSAgreement, _ connection: DownstreamConnection) {
        let label = connection.binding.plan.label
        metrics.handshakeCompleted(
            label, version: agreement.version?.rawValue ?? 0, resumption: agreement.resumption,
            duration: now - connection.openedAt)
        guard let suite = agreement.cipherSuiteID else { return }
        if !metrics.countSuite(suite, on: label), let name = connection.tls?.cipherSuite {
            metrics.nameSuite(suite, name, on: label)
        }
        guard let group = agreement.groupID else { return }
        if !metrics.countGroup(group, on: label), let name = connection.tls?.group {
            metrics.nameGroup(group, name, on: label)
        }
    }

    /// Counts a failed handshake, lets the alert out, and closes.
    mutating func handshakeFailed(_ connection: DownstreamConnection, _ failure: HandshakeFailure) {
        metrics.handshakeFailed(connection.binding.plan.label, reason: failure.rawValue)
        events.handshakeFailed(
            HandshakeFailureRecord(
                time: WallTime.now(), client: connection.client,
                listener: "\(connection.binding.plan.address)",
                serverName: connection.tls?.serverName,
                offeredVersions: connection.tls?.offeredVersions ?? [], reason: failure.rawValue,
                alert: connection.tls?.clientAlert),
            client: connection.client, now: now)
        connection.announcesEnd = false
        if failure == .plainHTTP { LocalAnswer.appendPlainHTTP(to: &connection.outbound) }
        if connection.early == .none {
            beginClosing(connection)
        } else {
            abandonEarly(connection)
        }
    }

    /// Goes on with what was read, by phase.
    mutating func proceed(_ connection: DownstreamConnection) {
        switch connection.phase {
        case .proxyProtocol, .handshaking: break
        case .http1: serve(connection)
        case .http2: serveHTTP2(connection)
        case .tunnel: relayTunnelFromDownstream(connection)
        case .closing: connection.inbound.removeAll()
        case .closed: return
        }
        if connection.isPeerDone { downstreamEnded(connection) }
    }

    /// The client will send no more.
    private mutating func downstreamEnded(_ connection: DownstreamConnection) {
        switch connection.phase {
        case .proxyProtocol:
            refuseProxyHeader(connection, "closed before the header")
        case .handshaking:
            handshakeFailed(connection, .clientClosed)
        case .http1 where connection.early != .none:
            handshakeFailed(connection, .clientClosed)
        case .http1:
            if let exchange = connection.exchange, exchange.isBegun {
                perform(
                    exchange.handle(.downstreamFailed(ProxyError(.clientClosed))), exchange)
            } else {
                if connection.tls?.hasReceivedCloseNotify != true {
                    connection.announcesEnd = false
                }
                beginClosing(connection)
            }
        case .http2:
            if connection.tls?.hasReceivedCloseNotify != true { connection.announcesEnd = false }
            if let link = connection.link { endStreams(link, because: ProxyError(.clientClosed)) }
            beginClosing(connection)
        case .tunnel:
            tunnelDownstreamEnded(connection)
        case .closing:
            if connection.outbound.isEmpty { close(connection) }
        case .closed:
            break
        }
    }
}

extension TLSAgreement {
    /// How the session came to its keys, as metrics call it.
    fileprivate var resumption: Resumption {
        guard isResumed else { return .full }
        return isEarlyDataAccepted ? .earlyData : .ticket
    }
}
