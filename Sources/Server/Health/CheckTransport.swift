internal import Bytes
internal import Config
internal import HTTP
internal import Platform
internal import Proxy
internal import TLS
internal import Telemetry

/// The connection of a check, which begins as those of requests do: with the header of the PROXY
/// protocol and the TLS handshake where the server wants them.
///
/// Health thread only.
final class CheckTransport {
    /// What reading came to.
    enum Arrival {
        /// Something has come; there may be more.
        case some
        /// Nothing more for now.
        case none
        /// Nothing more will come.
        case end
        /// The check has failed.
        case failed(CheckVerdict)
    }

    private let socket: Socket
    private let subject: HealthSubject
    private var session: TLSClientSession?
    /// What the kernel has not taken.
    private var wire = ByteQueue()
    /// How many bytes have come.
    private(set) var received = 0
    /// True exactly when requests may be sent.
    private(set) var isReady = false

    /// Begins to connect.
    init(_ subject: HealthSubject) throws(SystemError) {
        self.subject = subject
        socket = try Socket.connect(to: subject.address)
    }

    var rawDescriptor: CInt { socket.rawDescriptor }

    /// What went wrong with connecting; nil if nothing.
    func connectError() -> SystemError? {
        let code = socket.pendingError()
        guard code != 0 else { return nil }
        return SystemError(code: code, operation: "connect to", subject: subject.name)
    }

    /// Says what each connection begins with.
    func begin() -> CheckVerdict? {
        // Of no client: v2 has a word for that, and v1 says that it is unknown.
        if let version = subject.proxyHeader { ProxyHeader.local.append(version, to: &wire) }
        guard let tls = subject.tls else {
            isReady = true
            return nil
        }
        do throws(TLSError) {
            session = try TLSClientSession(
                context: tls.context, server: tls.serverName, ticket: nil)
        } catch {
            return .failed(.handshake, "TLS cannot be begun with it: \(error)")
        }
        let nothing = ByteQueue()
        _ = session?.handshake(nothing.bytes, output: &wire)
        return nil
    }

    /// Takes what is to be sent.
    func send(_ plaintext: borrowing ByteQueue) {
        if session != nil {
            _ = session?.write(plaintext.bytes, output: &wire)
        } else {
            wire.append(plaintext.bytes)
        }
    }

    /// Sends what the kernel takes. A peer that closes early may have answered before: what it sent
    /// decides.
    func flush() {
        while !wire.isEmpty {
            switch socket.send(wire.bytes) {
            case .bytes(let count): wire.removeFirst(count)
            case .wouldBlock: return
            case .endOfStream, .failed: wire.removeAll()
            }
        }
    }

    /// Reads once.
    func receive(into plaintext: inout ByteQueue) -> Arrival {
        guard session != nil else {
            return arrival(count(socket.receive(into: &plaintext, atMost: CheckTransport.piece)))
        }
        var sealed = ByteQueue()
        let outcome = count(socket.receive(into: &sealed, atMost: CheckTransport.piece))
        guard case .bytes = outcome else { return arrival(outcome) }
        return isReady
            ? unseal(sealed, into: &plaintext) : shakeHands(sealed, into: &plaintext)
    }

    private func count(_ outcome: IOOutcome) -> IOOutcome {
        if case .bytes(let count) = outcome { received += count }
        return outcome
    }

    private func arrival(_ outcome: IOOutcome) -> Arrival {
        switch outcome {
        case .bytes: return .some
        case .wouldBlock: return .none
        case .endOfStream where !isReady:
            return .failed(.failed(.handshake, "it closed in the middle of the TLS handshake"))
        case .endOfStream where session != nil:
            // Anybody may have cut it off: what has come is not all (RFC 8446 §6.1).
            return .failed(.failed(.closed, "it closed in the middle of the TLS session"))
        case .endOfStream: return .end
        case .failed(let code):
            return .failed(
                .failed(
                    isReady ? .closed : .handshake,
                    "the connection broke: \(SystemError.explain(code))"))
        }
    }

    private func shakeHands(
        _ sealed: borrowing ByteQueue, into plaintext: inout ByteQueue
    ) -> Arrival {
        switch session?.handshake(sealed.bytes, output: &wire) {
        case .needsInput: return .some
        case .done:
            if subject.speaks == .h2, session?.negotiatedProtocol != "h2" {
                return failure(.protocolNotSpoken)
            }
            isReady = true
            let nothing = ByteQueue()
            return unseal(nothing, into: &plaintext)
        case .failed, nil:
            // The alert tells the server why.
            flush()
            return failure(session?.failure ?? .malformed)
        }
    }

    private func failure(_ failure: ServerHandshakeFailure) -> Arrival {
        .failed(.failed(.handshake, "the TLS handshake failed: \(failure.rawValue)"))
    }

    private func unseal(
        _ sealed: borrowing ByteQueue, into plaintext: inout ByteQueue
    ) -> Arrival {
        switch session?.read(sealed.bytes, into: &plaintext, output: &wire) {
        case .bytes: .some
        case .closed: .end
        case .failed, nil: .failed(.failed(.closed, "it ended the TLS session by an error"))
        }
    }

    /// How much is read at once.
    private static let piece = 16_384
}
