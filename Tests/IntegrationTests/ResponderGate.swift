import Bytes
import Foundation
import Platform
import TestSupport

/// The address that certificates name as their responder: behind it a test puts `openssl ocsp`, or
/// something that misbehaves, and changes its mind at will.
final class ResponderGate: @unchecked Sendable {
    /// What becomes of a request.
    enum Manner: Sendable {
        /// It goes on to the responder at this port of this machine.
        case relay(UInt16)
        /// It gets this answer, as if by a responder.
        case answer([UInt8])
        /// It gets this answer, once somebody lets it go.
        case held(DispatchSemaphore, [UInt8])
        /// It gets these bytes.
        case raw(String)
        /// It gets nothing, and the connection stays.
        case silence
        /// The connection is reset.
        case reset
    }

    private let lock = NSLock()
    private var manner: Manner
    private var origin: Origin?

    init(_ manner: Manner = .reset) throws {
        self.manner = manner
        origin = try Origin { [weak self] connection in try self?.serve(connection) }
    }

    /// Changes what becomes of requests.
    func set(_ manner: Manner) { lock.withLock { self.manner = manner } }

    /// What certificates carry.
    var url: String { "http://\(origin.map { "\($0.address)" } ?? "")/" }

    /// How many requests came.
    var count: Int { origin?.heads.count ?? 0 }

    private func serve(_ connection: OriginConnection) throws {
        guard let head = connection.readHead() else { return }
        switch lock.withLock({ manner }) {
        case .relay(let port): connection.send(try ResponderGate.ask(port, head))
        case .answer(let bytes): ResponderGate.answer(bytes, connection)
        case .held(let go, let bytes):
            _ = go.wait(timeout: .now() + 20)
            ResponderGate.answer(bytes, connection)
        case .raw(let text): connection.send(text)
        case .silence: _ = connection.readToEnd()
        case .reset: connection.reset()
        }
    }

    private static func answer(_ bytes: [UInt8], _ connection: OriginConnection) {
        connection.send("HTTP/1.0 200 OK\r\nContent-Type: application/ocsp-response\r\n\r\n")
        connection.send(bytes)
    }

    private static func ask(_ port: UInt16, _ head: String) throws -> [UInt8] {
        let socket = try Socket.connectBlocking(
            to: .ipv4(0x7f00_0001, port: port), timeout: .seconds(20))
        _ = socket.send(Array(head.utf8).span)
        var answer = ByteQueue()
        while case .bytes = socket.receive(into: &answer, atMost: 65_536) {}
        return (0..<answer.count).map { answer.bytes[$0] }
    }
}
