import Bytes
import Foundation
public import Platform
public import TLS

/// A client that sends exactly what it is told to, with TLS or without, and reads what comes back.
/// Blocking; every wait ends after ten seconds.
public final class Peer {
    private let socket: Socket
    private var session: TLSClientSession?
    private var plaintext = ByteQueue()
    private var wire = ByteQueue()
    /// True exactly when the other side ended its stream in good order: FIN, and `close_notify`
    /// before it with TLS.
    public private(set) var isCleanlyClosed = false
    /// The TLS records that came.
    public private(set) var records = RecordLengths()
    /// True exactly when nothing more will come.
    public private(set) var isEnded = false

    /// Connects without TLS, from another address of this machine where one is given.
    public init(_ address: SocketAddress, from source: SocketAddress? = nil) throws {
        socket = try Socket.connectBlocking(to: address, from: source, timeout: .seconds(20))
        socket.setNoDelay()
        session = nil
    }

    /// Connects with TLS; throws where the handshake fails.
    ///
    /// - Parameters:
    ///   - pieces: how many bytes of the handshake are sent at a time; nil for all.
    ///   - text: what is sent in one write with the client's Finished.
    public init(
        _ address: SocketAddress, tls: TLSClientContext, serverName: String?,
        ticket: TLSClientTicket? = nil, from source: SocketAddress? = nil,
        piecesOf pieces: Int? = nil, behindFinished text: String = ""
    ) throws {
        socket = try Socket.connectBlocking(to: address, from: source, timeout: .seconds(20))
        socket.setNoDelay()
        session = try TLSClientSession(context: tls, serverName: serverName, ticket: ticket)
        try handshake(piecesOf: pieces, behindFinished: text)
    }

    /// Connects, sends a preamble in the clear, and speaks TLS behind it.
    public init(
        _ address: SocketAddress, preamble: [UInt8], tls: TLSClientContext, serverName: String?
    ) throws {
        socket = try Socket.connectBlocking(to: address, timeout: .seconds(20))
        socket.setNoDelay()
        session = try TLSClientSession(context: tls, serverName: serverName)
        try sendRaw(preamble.span)
        try handshake()
    }

    /// Connects with TLS and sends `early` behind the ClientHello; `finishHandshake` goes on.
    public init(
        _ address: SocketAddress, tls: TLSClientContext, serverName: String?,
        ticket: TLSClientTicket, early: String
    ) throws {
        socket = try Socket.connectBlocking(to: address, timeout: .seconds(20))
        socket.setNoDelay()
        session = try TLSClientSession(context: tls, serverName: serverName, ticket: ticket)
        var flight = ByteQueue()
        guard session?.writeEarly(Array(early.utf8).span, output: &flight) == true else {
            throw TestFailure("the ticket allows no early data")
        }
        try sendRaw(flight.bytes)
    }

    /// Goes on with a handshake that began with early data; throws where it fails.
    public func finishHandshake() throws { try handshake() }

    /// True exactly when the server has accepted early data.
    public var isEarlyDataAccepted: Bool { session?.isEarlyDataAccepted == true }

    private func handshake(
        piecesOf pieces: Int? = nil, behindFinished text: String = ""
    ) throws {
        var input = ByteQueue()
        var flight = ByteQueue()
        while true {
            let outcome = session?.handshake(input.bytes, output: &flight)
            if outcome == .done, !text.isEmpty {
                _ = session?.write(Array(text.utf8).span, output: &flight)
            }
            while let pieces, flight.count > pieces {
                try sendRaw(flight.bytes(in: 0..<pieces))
                flight.removeFirst(pieces)
            }
            try sendRaw(flight.bytes)
            flight.removeAll()
            input.removeAll()
            if outcome == .done { break }
            guard outcome == .needsInput else {
                throw TestFailure("handshake: \(String(describing: outcome)), alert \(alert ?? 0)")
            }
            guard case .bytes = socket.receive(into: &input, atMost: 65_536) else {
                throw TestFailure("the server closed during the handshake")
            }
            records.take(input.bytes)
        }
        _ = session?.read(input.bytes, into: &plaintext, output: &flight)
        try sendRaw(flight.bytes)
    }

    /// The alert that the server sent.
    public var alert: UInt8? { session?.serverAlert }

    /// True exactly when the session goes on from a ticket.
    public var isResumed: Bool { session?.isResumed == true }

    /// The subject of the server's certificate.
    public var serverSubject: String? { session?.serverSubject }

    /// What resumes this session.
    public var ticket: TLSClientTicket? { session?.ticket }

    /// Sends a text.
    public func send(_ text: String) throws { try send(Array(text.utf8)) }

    /// Sends bytes.
    public func send(_ bytes: [UInt8]) throws {
        guard session != nil else { return try sendRaw(bytes.span) }
        var sealed = ByteQueue()
        guard session?.write(bytes.span, output: &sealed) == true else {
            throw TestFailure("the session is over")
        }
        try sendRaw(sealed.bytes)
    }

    /// Sends bytes as they are, beside TLS.
    public func sendRaw(_ bytes: Span<UInt8>) throws {
        var sent = 0
        while sent < bytes.count {
            guard case .bytes(let count) = socket.send(bytes.extracting(sent...)) else {
                throw TestFailure("the server does not take what is sent")
            }
            sent += count
        }
    }

    /// Asks for new keys of both sides (RFC 8446 §4.6.3).
    public func updateKeys() throws {
        var sealed = ByteQueue()
        let nothing = ByteQueue()
        guard session?.updateKeys() == true,
            session?.handshake(nothing.bytes, output: &sealed) != nil
        else { throw TestFailure("there are no keys to update") }
        try sendRaw(sealed.bytes)
    }

    /// Says that nothing more is sent: `close_notify` with TLS, and FIN.
    public func finish() throws {
        var sealed = ByteQueue()
        session?.close(output: &sealed)
        try sendRaw(sealed.bytes)
        socket.shutdownWrite()
    }

    /// Ends the stream without `close_notify`.
    public func breakOff() { socket.shutdownWrite() }

    /// Lets the last reference's end reset the connection, without FIN before.
    public func resetAtEnd() { socket.setResetOnClose() }

    /// Resets the connection.
    public func reset() {
        socket.setResetOnClose()
        socket.shutdownBoth()
    }

    /// True exactly when the other side has reset the connection, also after its own end, which a
    /// read does not tell; asked once.
    public func wasReset() -> Bool { socket.pendingError() != 0 }

    /// Reads once; false at the end.
    @discardableResult
    public func receive(atMost limit: Int = 65_536) throws -> Bool {
        guard !isEnded else { return false }
        guard session != nil else { return try receivePlain(limit) }
        wire.removeAll()
        switch socket.receive(into: &wire, atMost: limit) {
        case .bytes: break
        case .endOfStream, .failed:
            isEnded = true
            return false
        case .wouldBlock: throw TestFailure("nothing came in time")
        }
        records.take(wire.bytes)
        let before = plaintext.count
        var answer = ByteQueue()
        let outcome = session?.read(wire.bytes, into: &plaintext, output: &answer)
        if !answer.isEmpty { try? sendRaw(answer.bytes) }
        switch outcome {
        case .bytes: break
        case .closed:
            isCleanlyClosed = true
            isEnded = true
        case .failed, nil:
            isEnded = true
        }
        return !isEnded || plaintext.count > before
    }

    private func receivePlain(_ limit: Int) throws -> Bool {
        switch socket.receive(into: &plaintext, atMost: limit) {
        case .bytes: return true
        case .endOfStream:
            isCleanlyClosed = true
            isEnded = true
        case .failed: isEnded = true
        case .wouldBlock: throw TestFailure("nothing came in time")
        }
        return false
    }

    /// Waits at most so long for something to read; true exactly when there is.
    public func hasInput(within duration: Duration) -> Bool {
        !plaintext.isEmpty || Poll.wait([socket.rawDescriptor], timeout: duration).first == true
    }

    /// What was read and not taken.
    public var received: String { Peer.text(of: plaintext) }

    private static func text(of queue: borrowing ByteQueue) -> String {
        String(copying: queue.bytes)
    }

    private static func copy(_ count: Int, of queue: borrowing ByteQueue) -> [UInt8] {
        Array(copying: queue.bytes(in: 0..<count))
    }

    /// How many bytes were read and not taken.
    public var receivedCount: Int { plaintext.count }

    /// True exactly when a connection is closed without an answer to `request`, be it so soon that
    /// connecting fails.
    public static func isRefused(
        at address: SocketAddress, sending request: String = "",
        within patience: Duration = .seconds(20)
    ) throws -> Bool {
        guard let peer = try? Peer(address) else { return true }
        try? peer.send(request)
        return try peer.hasInput(within: patience) && !peer.receive()
    }

    /// Another address of this machine than the one that connections come from by default.
    public static let neighbour = SocketAddress.ipv4(0x7f00_0002, port: 0)

    /// The first bytes of what was read; they stay.
    func peek(_ count: Int) -> [UInt8] { Peer.copy(count, of: plaintext) }

    /// Takes bytes off the front of what was read.
    public func take(_ count: Int) -> [UInt8] {
        let taken = Peer.copy(count, of: plaintext)
        plaintext.removeFirst(count)
        return taken
    }

    /// Forgets which TLS records came.
    public func dropRecords() { records.removeAll() }

    /// Drops what was read and not taken.
    public func dropReceived() { plaintext.removeAll() }

    /// Reads once, and forgets what came.
    public func discard() throws {
        try receive()
        dropReceived()
    }

    /// Reads until the other side ends, and returns everything.
    public func receiveAll() throws -> String {
        while try receive() {}
        return received
    }
}
