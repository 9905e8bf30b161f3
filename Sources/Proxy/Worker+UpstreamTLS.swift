internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

/// TLS towards servers: the handshake belongs to the connect, and has the same deadline.
extension Worker {
    /// A revocation list that is too old vouches for no server, on whatever connection: no request
    /// begins on those that are open, and new ones are judged.
    mutating func leaveOutdated(_ pool: UpstreamPool) {
        guard pool.plan.tls?.context.isOutdated == true else { return }
        for connection in pool.shared where connection.phase != .connecting {
            connection.link?.isLeaving = true
        }
        closeIdle(pool)
    }

    /// Says hello once the server has taken the connection.
    mutating func beginHandshake(_ upstream: UpstreamConnection) {
        let plan = upstream.pool.plan
        guard let tls = plan.tls else { return }
        let ticket = upstream.pool.tickets(forBytes: upstream.isForBytes).take()
        upstream.offersTicket = ticket != nil
        do throws(TLSError) {
            upstream.tls = try TLSClientSession(
                context: tls.context, server: tls.serverName, ticket: ticket,
                // Nobody knows what a TCP site's clients speak.
                namesProtocol: !upstream.isForBytes)
        } catch {
            connectFailed(upstream, .handshake, "\(error)", .handshakeFailed)
            return
        }
        upstream.isHandshaking = true
        let nothing = ByteQueue()
        _ = upstream.tls?.handshake(nothing.bytes, output: &upstream.sealed)
        goOnShakingHands(upstream)
    }

    /// Takes what epoll says of a connection whose handshake is under way.
    mutating func handshakeEvent(_ upstream: UpstreamConnection, _ event: Poller.Event) {
        if event.isWritable { upstream.canWrite = true }
        if event.isPeerClosed || event.isHangup { upstream.isEndAnnounced = true }
        if event.isReadable || event.isPeerClosed || event.isHangup { upstream.canRead = true }
        goOnShakingHands(upstream)
    }

    private mutating func goOnShakingHands(_ upstream: UpstreamConnection) {
        while upstream.phase == .connecting {
            guard sendSealed(upstream) else {
                // What the server has said before comes first: it may be the reason.
                upstream.sealed.removeAll()
                upstream.canRead = true
                upstream.isEndAnnounced = true
                upstream.canWrite = false
                continue
            }
            guard upstream.canRead else { return }
            var input = ByteQueue(pool: buffers)
            switch upstream.socket.receive(into: &input, atMost: Worker.bytesPerTurn) {
            case .bytes(let count):
                if count < Worker.bytesPerTurn, !upstream.isEndAnnounced {
                    upstream.canRead = false
                }
                shakeHands(upstream, input.bytes)
            case .wouldBlock:
                upstream.canRead = false
                return
            case .endOfStream, .failed:
                handshakeFailed(upstream, .closed)
            }
        }
    }

    private mutating func shakeHands(_ upstream: UpstreamConnection, _ input: Span<UInt8>) {
        switch upstream.tls?.handshake(input, output: &upstream.sealed) {
        case .needsInput: return
        case .failed:
            // The alert tells the server why.
            _ = sendSealed(upstream)
            handshakeFailed(upstream, upstream.tls?.failure ?? .malformed)
        case .done:
            handshakeDone(upstream)
        case nil:
            handshakeFailed(upstream, .malformed)
        }
    }

    private mutating func handshakeDone(_ upstream: UpstreamConnection) {
        if upstream.pool.plan.speaks == .h2, upstream.tls?.negotiatedProtocol != "h2" {
            handshakeFailed(upstream, .protocolNotSpoken)
            return
        }
        upstream.isHandshaking = false
        let nothing = ByteQueue()
        unseal(nothing.bytes, upstream)
        markDirty(upstream)
        connected(upstream)
        if !upstream.inbound.isEmpty || upstream.isPeerDone, upstream.phase == .busy {
            proceed(upstream)
        }
    }

    private mutating func handshakeFailed(
        _ upstream: UpstreamConnection, _ failure: ServerHandshakeFailure
    ) {
        var detail = failure.rawValue
        if let alert = upstream.tls?.serverAlert { detail += ", alert \(alert)" }
        connectFailed(
            upstream, UpstreamFailureReason(failure), detail, .handshakeFailed)
    }

    /// Reads once from a connection with TLS; the outcome is that of the socket, and nothing was
    /// read where a session is over that the server has not ended itself.
    mutating func receiveSealed(
        _ upstream: UpstreamConnection, atMost limit: Int
    ) -> IOOutcome {
        var input = ByteQueue(pool: buffers)
        let outcome = upstream.socket.receive(into: &input, atMost: limit)
        switch outcome {
        case .bytes: unseal(input.bytes, upstream)
        case .endOfStream where !upstream.isPeerDone:
            // Whoever cuts the connection could end a response: only close_notify does
            // (RFC 8446 §6.1).
            upstream.isBroken = true
        case .endOfStream, .wouldBlock, .failed: break
        }
        return outcome
    }

    private mutating func unseal(_ input: Span<UInt8>, _ upstream: UpstreamConnection) {
        let outcome = upstream.tls?.read(
            input, into: &upstream.inbound, output: &upstream.sealed,
            idleLimit: installed?.snapshot.settings.keyUpdates ?? .max)
        if !upstream.sealed.isEmpty { markDirty(upstream) }
        switch outcome {
        case .bytes: break
        case .closed:
            upstream.isPeerDone = true
        case .failed, nil:
            upstream.isPeerDone = true
            upstream.isBroken = true
            // In TLS 1.3 a server says after the handshake that it wants another certificate.
            if let alert = upstream.tls?.serverAlert {
                events.upstreamFailed(
                    server: upstream.pool.plan.name, reason: "handshake",
                    detail: "\(ServerHandshakeFailure.refused.rawValue), alert \(alert)", now: now)
            } else if upstream.tls?.isFlooded == true {
                events.upstreamFailed(
                    server: upstream.pool.plan.name, reason: "malformed",
                    detail: "too many KeyUpdates or HelloRequests", now: now)
            }
        }
    }

    /// Seals what is queued and sends it; false where the connection is over.
    mutating func sendSealed(_ upstream: UpstreamConnection) -> Bool {
        while upstream.canWrite {
            if upstream.sealed.isEmpty, !upstream.isHandshaking { seal(upstream) }
            guard !upstream.sealed.isEmpty else { break }
            guard took(upstream.socket.drain(&upstream.sealed), upstream) else { return false }
            if upstream.sealed.isEmpty { upstream.hasSealedPayload = false }
        }
        if upstream.isHeldBack, upstream.sealed.count < Worker.mostSealed {
            upstream.isHeldBack = false
            markReady(upstream)
        }
        return true
    }

    /// Seals a piece of what is queued, and the end behind the last one.
    private func seal(_ upstream: UpstreamConnection) {
        guard !upstream.outbound.isEmpty else {
            if upstream.endsAfterFlush { upstream.tls?.close(output: &upstream.sealed) }
            return
        }
        let count = min(upstream.outbound.count, Worker.bytesPerTurn)
        upstream.hasSealedPayload = true
        let isSealed = Worker.seal(
            upstream.outbound, count, &upstream.tls, into: &upstream.sealed)
        upstream.outbound.removeFirst(isSealed ? count : upstream.outbound.count)
    }

    private static func seal(
        _ plaintext: borrowing ByteQueue, _ count: Int, _ session: inout TLSClientSession?,
        into sealed: inout ByteQueue
    ) -> Bool {
        session?.write(plaintext.bytes(in: 0..<count), output: &sealed) == true
    }

    /// Keeps what resumes the session, once for each connection.
    mutating func keepTicket(_ upstream: UpstreamConnection) {
        guard upstream.speaksTLS, !upstream.hasKeptTicket, !upstream.isHandshaking,
            let ticket = upstream.tls?.ticket
        else { return }
        upstream.hasKeptTicket = true
        upstream.pool.tickets(forBytes: upstream.isForBytes).keep(ticket)
    }

    /// Says `close_notify` on a connection that rests, as far as the kernel takes it.
    mutating func sayGoodbye(_ upstream: UpstreamConnection) {
        guard upstream.tls != nil, !upstream.isPeerDone, upstream.hasSentAll else { return }
        upstream.tls?.close(output: &upstream.sealed)
        _ = sendSealed(upstream)
    }

    /// How many sealed bytes wait at most for a server that is read: a turn's, and what TLS has
    /// answered by itself.
    static let mostSealed = bytesPerTurn * 2
}

extension UpstreamFailureReason {
    /// Why TLS could not be agreed on, as metrics tell it.
    init(_ failure: ServerHandshakeFailure) {
        switch failure {
        case .certificateExpired: self = .certificateExpired
        case .hostNameMismatch: self = .hostNameMismatch
        case .unknownAuthority: self = .unknownAuthority
        case .pinMismatch: self = .pinMismatch
        case .certificateRevoked: self = .certificateRevoked
        case .revocationUnknown: self = .revocationUnknown
        case .certificateInvalid: self = .certificateInvalid
        case .refused, .protocolNotSpoken, .closed, .malformed: self = .handshake
        }
    }
}
