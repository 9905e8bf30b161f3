import Bytes
public import Platform
public import TLS

/// A server with TLS that does to each connection what a test tells it.
public final class TLSOrigin: Sendable {
    private let origin: Origin

    /// Where it listens.
    public var address: SocketAddress { origin.address }

    /// How many connections came.
    public var connectionCount: Int { origin.connectionCount }

    /// Listens, on a port that the kernel chooses unless told otherwise; connections whose
    /// handshake fails are closed.
    ///
    /// - Parameters:
    ///   - pair: the chain and the key.
    ///   - address: where it listens.
    ///   - clients: the authorities of the clients that are asked for a certificate.
    ///   - alpn: what it speaks.
    ///   - policy: which versions.
    ///   - prologue: what is done before TLS begins.
    public init(
        _ pair: PEMPair, at address: SocketAddress = .ipv4(0x7f00_0001, port: 0),
        clients: [UInt8]? = nil, alpn: [String] = ["http/1.1"],
        policy: TLSPolicy = .intermediate,
        prologue: @escaping @Sendable (OriginConnection) -> Void = { _ in },
        _ script: @escaping @Sendable (TLSOriginConnection) throws -> Void
    ) throws {
        let verification = try clients.map {
            try ClientVerification(.init(mode: .required, authorities: .init(pem: $0)))
        }
        let store = CredentialStore(
            sites: [
                .init(
                    hosts: ["origin.test"],
                    credentials: [try Credential(chainPEM: pair.certificate, keyPEM: pair.key)],
                    index: 0, clientVerification: verification)
            ], defaultSite: 0, rejectsUnknownHosts: false)
        let context = try TLSContext(
            store: store, policy: policy, alpn: alpn, ticketKeys: TicketKeys())
        origin = try Origin(at: address) { connection in
            prologue(connection)
            try script(TLSOriginConnection(connection, context))
        }
    }
}

/// One connection to a `TLSOrigin`, the handshake of which is done.
public final class TLSOriginConnection {
    private let connection: OriginConnection
    private var session: TLSSession
    private var plaintext = ByteQueue()
    private var isEnded = false

    init(_ connection: OriginConnection, _ context: TLSContext) throws {
        self.connection = connection
        session = try TLSSession(context: context)
        var nothing = ByteQueue()
        while true {
            let input = connection.receive()
            guard !input.isEmpty else { throw TestFailure("the client closed") }
            var output = ByteQueue()
            let outcome = session.advance(
                input.span, earlyData: &nothing, output: &output
            ).outcome
            connection.send(Array(copying: output.bytes))
            if outcome == .done { break }
            guard outcome == .needsInput else { throw TestFailure("handshake: \(outcome)") }
        }
        take([])
    }

    private func take(_ input: [UInt8]) {
        var output = ByteQueue()
        switch session.read(input.span, into: &plaintext, output: &output) {
        case .bytes: break
        case .closed, .failed: isEnded = true
        }
        if !output.isEmpty { connection.send(Array(copying: output.bytes)) }
    }

    /// What it knows of its client: `name=… resumed=… alpn=… client=… number=…`.
    public var facts: String {
        let name = session.serverName ?? "-"
        let alpn = session.negotiatedProtocol ?? "-"
        let client = session.clientIdentity.map {
            String(decoding: $0.commonName, as: UTF8.self)
        }
        return "name=\(name) resumed=\(session.isResumed) alpn=\(alpn) client=\(client ?? "-")"
            + " number=\(connection.number)"
    }

    /// Reads a head with its blank line; nil at the end of the stream.
    public func readHead() -> String? {
        while true {
            let text = String(copying: plaintext.bytes)
            if let range = text.utf8.firstRange(of: Array("\r\n\r\n".utf8)) {
                return read(text.utf8.distance(from: text.startIndex, to: range.upperBound))
            }
            guard receive() else { return nil }
        }
    }

    /// Reads so many bytes, or fewer at the end of the stream.
    public func read(_ count: Int) -> String {
        while plaintext.count < count, receive() {}
        let taken = min(count, plaintext.count)
        let text = String(copying: plaintext.bytes(in: 0..<taken))
        plaintext.removeFirst(taken)
        return text
    }

    private func receive() -> Bool {
        guard !isEnded else { return false }
        let input = connection.receive()
        guard !input.isEmpty else {
            isEnded = true
            return false
        }
        take(input)
        return true
    }

    /// Waits until the other side ends.
    public func readToEnd() { while receive() { plaintext.removeAll() } }

    /// Sends a text.
    public func send(_ text: String) {
        var sealed = ByteQueue()
        _ = session.write(Array(text.utf8).span, output: &sealed)
        connection.send(Array(copying: sealed.bytes))
    }

    /// Asks for new keys of both sides, so often (RFC 8446 §4.6.3).
    public func updateKeys(_ count: Int = 1) {
        let input = ByteQueue()
        var nothing = ByteQueue()
        var sealed = ByteQueue()
        for _ in 0..<count {
            _ = session.updateKeys()
            _ = session.advance(input.bytes, earlyData: &nothing, output: &sealed)
        }
        connection.send(Array(copying: sealed.bytes))
    }

    /// Says `close_notify`.
    public func close() {
        var sealed = ByteQueue()
        session.close(output: &sealed)
        connection.send(Array(copying: sealed.bytes))
    }

    /// Ends the stream, with `close_notify` only where `close` was called before.
    public func finish() { connection.finish() }

    /// Answers each request with its facts and its body, until the stream ends.
    public func echo() {
        while let head = readHead() {
            var body = facts + "\n"
            if let length = head.lowercased().firstMatch(of: /content-length: (\d+)/),
                let count = Int(length.1)
            {
                body += read(count)
            }
            send("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body)
        }
    }
}
