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

    /// Who is cut short goes on for a few turns without a call that asks what else there is.
    @Test("A large response holds up a client that connects for three turns at most")
    func quickTurns() throws {
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
        Foundation.Thread { while (try? client.value.receive()) == true {} }.start()
        var most = 0
        for _ in 0..<3 {
            try driven.turn("a turn without a call") { driven.worker.quickTurns == 1 }
            let before = driven.worker.downstreams.count
            let other = try Peer(driven.address)
            for _ in 0..<4 {
                driven.turn()
                most = max(most, driven.worker.quickTurns)
            }
            #expect(driven.worker.downstreams.count == before + 1)
            other.reset()
            try driven.turn("the end of the other") {
                driven.worker.downstreams.count == before
            }
        }
        #expect(most <= 3)
    }
}
