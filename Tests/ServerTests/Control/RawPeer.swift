import Bytes
import Platform

/// A client that sends exactly the bytes it is told to, and reads what comes back.
final class RawPeer: Sendable {
    private let socket: Socket

    /// Connects to an address on loopback.
    init(_ address: SocketAddress) throws {
        socket = try Socket.connectBlocking(to: address, timeout: .seconds(10))
    }

    /// Sends the bytes; what the other side does not take is dropped.
    func send(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            guard case .bytes(let count) = socket.send(bytes.span.extracting(sent...)) else {
                return
            }
            sent += count
        }
    }

    /// Reads once; returns an empty text at the end of the stream.
    func receive() -> String {
        var queue = ByteQueue()
        _ = socket.receive(into: &queue, atMost: 65536)
        return String(copying: queue.bytes)
    }

    /// Reads until the other side closes.
    func receiveAll() -> String {
        var queue = ByteQueue()
        while case .bytes = socket.receive(into: &queue, atMost: 65536) {}
        return String(copying: queue.bytes)
    }

    /// Sends one request on a connection of its own, and returns the whole answer.
    static func exchange(_ request: String, at address: SocketAddress) throws -> String {
        let peer = try RawPeer(address)
        peer.send(request)
        return peer.receiveAll()
    }
}
