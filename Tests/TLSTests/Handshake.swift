import Bytes

@testable import TLS

/// A server and a client in memory, joined by two queues.
struct Handshake: ~Copyable {
    var server: TLSSession
    var client: TLSClientSession
    /// What the client sent and the server did not read.
    var toServer = ByteQueue()
    /// What the server sent and the client did not read.
    var toClient = ByteQueue()
    /// Plaintext that came to the server.
    var received = ByteQueue()
    /// Plaintext that came to the client.
    var answered = ByteQueue()
    private(set) var serverOutcome = HandshakeOutcome.needsInput
    private(set) var clientOutcome = HandshakeOutcome.needsInput
    /// What the server's last read came to.
    private(set) var serverRead = TLSReadOutcome.bytes(0)
    /// What the client's last read came to.
    private(set) var clientRead = TLSReadOutcome.bytes(0)

    init(
        _ server: TLSContext, _ client: TLSClientContext, serverName: String? = "a.test",
        ticket: TLSClientTicket? = nil
    ) throws {
        let first = try TLSSession(context: server)
        let second = try TLSClientSession(
            context: client, serverName: serverName, ticket: ticket)
        self.server = first
        self.client = second
    }

    /// Makes the ClientHello, and moves bytes until both sides rest.
    mutating func run(step: Int = .max) {
        begin()
        settle(step: step)
    }

    /// Makes the ClientHello.
    mutating func begin() {
        clientOutcome = prompt()
    }

    /// Makes the ClientHello with early data behind it; false where the ticket does not allow it.
    mutating func beginEarly(_ bytes: [UInt8]) -> Bool {
        guard client.writeEarly(bytes.span, output: &toServer) else { return false }
        clientOutcome = prompt()
        return true
    }

    /// Lets the client say what it has to say by itself.
    mutating func prompt() -> HandshakeOutcome {
        let nothing: [UInt8] = []
        return client.handshake(nothing.span, output: &toServer)
    }

    /// Seals bytes on the client's side without moving them.
    mutating func seal(_ bytes: [UInt8]) -> Bool { client.write(bytes.span, output: &toServer) }

    /// Seals bytes on the server's side without moving them.
    mutating func sealAnswer(_ bytes: [UInt8]) -> Bool {
        server.write(bytes.span, output: &toClient)
    }

    /// Moves bytes, at most `step` at once, until both sides rest.
    mutating func settle(step: Int = .max) {
        while !toServer.isEmpty || !toClient.isEmpty {
            while !toServer.isEmpty { deliverToServer(Handshake.take(step, from: &toServer)) }
            while !toClient.isEmpty { deliverToClient(Handshake.take(step, from: &toClient)) }
        }
    }

    /// Gives the server bytes, as from the socket.
    mutating func deliverToServer(_ bytes: [UInt8]) {
        if serverOutcome == .done {
            serverRead = server.read(bytes.span, into: &received, output: &toClient)
            return
        }
        guard serverOutcome == .needsInput else { return }
        serverOutcome = server.handshake(
            bytes.span, earlyData: &received, output: &toClient)
        if serverOutcome == .done { deliverToServer([]) }
    }

    /// Gives the client bytes, as from the socket.
    mutating func deliverToClient(_ bytes: [UInt8]) {
        if clientOutcome == .done {
            clientRead = client.read(bytes.span, into: &answered, output: &toServer)
            return
        }
        guard clientOutcome == .needsInput else { return }
        clientOutcome = client.handshake(bytes.span, output: &toServer)
        if clientOutcome == .done { deliverToClient([]) }
    }

    /// Sends bytes from the client to the server; returns what came out there.
    mutating func send(_ bytes: [UInt8], step: Int = .max) -> [UInt8] {
        guard client.write(bytes.span, output: &toServer) else { return [] }
        settle(step: step)
        return Handshake.take(.max, from: &received)
    }

    /// Sends bytes from the server to the client; returns what came out there.
    mutating func answer(_ bytes: [UInt8], step: Int = .max) -> [UInt8] {
        guard server.write(bytes.span, output: &toClient) else { return [] }
        settle(step: step)
        return Handshake.take(.max, from: &answered)
    }

    /// True exactly when both sides are done.
    var isEstablished: Bool { serverOutcome == .done && clientOutcome == .done }

    /// Takes at most `count` bytes from the front of a queue.
    static func take(_ count: Int, from queue: inout ByteQueue) -> [UInt8] {
        let taken = min(count, queue.count)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(taken)
        for index in 0..<taken { bytes.append(queue.bytes[index]) }
        queue.removeFirst(taken)
        return bytes
    }
}
