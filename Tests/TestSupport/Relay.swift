import Bytes
import Foundation
public import Platform

/// Stands between clients and a server: keeps what the clients send, and holds what the server
/// answers until it is told to let go.
public final class Relay: @unchecked Sendable {
    /// Where it listens.
    public let address: SocketAddress
    private let target: SocketAddress
    private let listener: Socket
    private let condition = NSCondition()
    private var sent: [UInt8] = []
    private var isReleased = false
    private let stopping = AtomicFlag()

    /// Listens on a port that the kernel chooses, in front of `target`.
    public init(to target: SocketAddress) throws {
        self.target = target
        let wanted = SocketAddress.ipv4(0x7f00_0001, port: 0)
        listener = try Socket.listen(on: wanted, reusePort: false, backlog: 16)
        address = listener.localAddress() ?? wanted
        Foundation.Thread { [weak self] in
            while let self, !self.stopping.isSet { try? self.acceptOne() }
        }.start()
    }

    deinit { stopping.set() }

    private func acceptOne() throws {
        guard Poll.wait([listener.rawDescriptor], timeout: .milliseconds(50)).first == true,
            case .accepted(let socket, _) = listener.accept()
        else { return }
        let client = RelayEnd(socket)
        let server = RelayEnd(try Socket.connectBlocking(to: target, timeout: .seconds(30)))
        Foundation.Thread {
            client.pass(to: server) { bytes in
                self.condition.withLock {
                    self.sent += bytes
                    self.condition.broadcast()
                }
            }
        }.start()
        Foundation.Thread {
            self.condition.withLock {
                while !self.isReleased { self.condition.wait() }
            }
            server.pass(to: client) { _ in }
        }.start()
    }

    /// Lets the server's answers through from now on.
    public func release() {
        condition.withLock {
            isReleased = true
            condition.broadcast()
        }
    }

    /// What clients have sent, once a record of application data is complete among it: the first
    /// flight of a client that sends early data.
    public func firstFlight() throws -> [UInt8] {
        let deadline = Date().addingTimeInterval(20)
        return try condition.withLock {
            while !Relay.hasData(sent) {
                guard condition.wait(until: deadline) else {
                    throw TestFailure("no early data came in time")
                }
            }
            return sent
        }
    }

    private static func hasData(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while start + 5 <= bytes.count {
            let end = start + 5 + (Int(bytes[start + 3]) << 8 | Int(bytes[start + 4]))
            if bytes[start] == 23, end <= bytes.count { return true }
            start = end
        }
        return false
    }
}

/// One of the two connections of a relay.
private final class RelayEnd: @unchecked Sendable {
    private let socket: Socket

    init(_ socket: consuming Socket) {
        self.socket = socket
        try? self.socket.setBlocking(timeout: .seconds(30))
        self.socket.setNoDelay()
    }

    /// Passes on what comes, to the end.
    func pass(to other: RelayEnd, note: ([UInt8]) -> Void) {
        var queue = ByteQueue()
        while case .bytes = socket.receive(into: &queue, atMost: 65_536) {
            let bytes = Array(copying: queue.bytes)
            queue.removeAll()
            guard other.send(bytes) else { return }
            note(bytes)
        }
        other.socket.shutdownWrite()
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            guard case .bytes(let count) = socket.send(bytes.span.extracting(sent...)) else {
                return false
            }
            sent += count
        }
        return true
    }
}
