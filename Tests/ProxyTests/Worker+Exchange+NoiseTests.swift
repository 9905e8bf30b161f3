import Bytes
import Foundation
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Exchange+Noise", .serialized)
struct WorkerExchangeNoiseTests {
    /// It was taken for the answer to a request that had not been sent yet.
    @Test("A request that is repeated does not get what its next server had said unasked")
    func repeated() throws {
        let gates = (0..<2).map { _ in DispatchSemaphore(value: 0) }
        let ending = Mutex(0)
        let done = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            guard connection.number <= 2 else { return }
            gates[connection.number - 1].wait()
            if ending.withLock({ $0 }) == connection.number {
                connection.finish()
            } else {
                connection.send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
            }
            done.signal()
            _ = connection.readToEnd()
        }
        let driven = try DrivenWorker(origin.address)
        let peers = try (0..<2).map { _ in try Peer(driven.address) }
        try driven.turn("all connections") { driven.worker.downstreams.count == 2 }
        let request = head("GET / HTTP/1.1", "Host: localhost")
        for peer in peers { try peer.send(request) }
        try driven.turn("all answers") { peers.allSatisfy { $0.hasInput(within: .zero) } }
        for peer in peers { #expect(try peer.reply().body == "ok") }
        try #require(driven.worker.upstreams.count == 2)
        try peers[0].send(request)
        try driven.turn("a busy server") {
            (0..<2).contains { driven.worker.upstreams.element(at: $0)?.phase == .busy }
        }
        let isFirst = driven.worker.upstreams.element(at: 0)?.phase == .busy
        // Servers are numbered as they were connected to.
        ending.withLock { $0 = isFirst ? 1 : 2 }
        for index in isFirst ? [0, 1] : [1, 0] {
            gates[index].signal()
            done.wait()
        }
        try driven.turn(untilInputFor: peers[0])
        let reply = try peers[0].reply()
        #expect(reply.status == 200 && reply.body == "ok", "\(reply)")
    }
}
