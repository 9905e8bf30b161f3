import Bytes
import Config
import Foundation
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker", .serialized)
struct WorkerTests {
    static let size = 64 << 20

    /// A worker in the middle of a large response, and the client and the server that take part.
    private func busy() throws -> (DrivenWorker, Peer, Origin) {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(WorkerTests.size)\r\n\r\n")
            connection.send([UInt8](repeating: 120, count: WorkerTests.size))
            _ = connection.readToEnd()
        }
        let driven = try DrivenWorker(origin.address)
        let peer = try Peer(driven.address)
        try peer.send(head("GET / HTTP/1.1", "Host: localhost"))
        let client = Handover(peer)
        Foundation.Thread {
            while (try? client.value.receive()) == true { client.value.dropReceived() }
        }.start()
        try driven.turn("a turn without a call") { driven.worker.quickTurns == 1 }
        return (driven, peer, origin)
    }

    /// Who is cut short goes on for a few turns without a call that asks what else there is.
    @Test("A large response holds up a client that connects for three turns at most")
    func quickTurns() throws {
        let (driven, peer, origin) = try busy()
        let other = try Peer(driven.address)
        var most = 0
        for _ in 0..<4 {
            driven.turn()
            most = max(most, driven.worker.quickTurns)
        }
        #expect(driven.worker.downstreams.count == 2)
        #expect(most <= Worker.quickTurnsInARow)
        _ = (peer, other, origin)
    }

    /// Turns that did not ask stood between the full batches, so that each was the first.
    @Test("A large response does not keep batches of new connections from growing")
    func flood() throws {
        let (driven, peer, origin) = try busy()
        let others = try (0..<40).map { _ in try Peer(driven.address) }
        // Batches of 1, 1, 2, 4, 8, 16 and 32, with three turns behind each.
        for _ in 0..<28 { driven.turn() }
        #expect(driven.worker.downstreams.count == 41)
        _ = (peer, others, origin)
    }
}
