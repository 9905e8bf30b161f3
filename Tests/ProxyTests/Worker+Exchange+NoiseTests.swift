import Bytes
import Config
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
        let failing = Mutex(-1)
        let done = DispatchSemaphore(value: 0)
        let origins = try (0..<2).map { index in
            try Origin { connection in
                guard connection.readHead() != nil else { return }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                guard connection.number == 1 else { return }
                gates[index].wait()
                let status = failing.withLock { $0 } == index ? "503 Busy" : "408 Request Timeout"
                connection.send("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
                done.signal()
                _ = connection.readToEnd()
            }
        }
        let policy = BackendPolicy(retries: RetryConfig(attempts: 1, causes: [.unavailable]))
        let driven = try DrivenWorker(
            WorkerSetup(sites: [.init(servers: origins.map(\.address), policy: policy)]))
        let peers = try (0..<2).map { _ in try Peer(driven.address) }
        try driven.turn("all connections") { driven.worker.downstreams.count == 2 }
        let request = head("GET / HTTP/1.1", "Host: localhost")
        for peer in peers { try peer.send(request) }
        try driven.turn("all answers") { peers.allSatisfy { $0.hasInput(within: .zero) } }
        for peer in peers { #expect(try peer.reply().body == "ok") }
        try #require(driven.worker.upstreams.count == 2)
        try peers[0].send(request)
        var asked: SocketAddress?
        try driven.turn("a busy server") {
            let upstreams = (0..<2).compactMap { driven.worker.upstreams.element(at: $0) }
            asked = upstreams.first { $0.phase == .busy }?.pool.plan.address
            return asked != nil
        }
        let first = origins[0].address == asked ? 0 : 1
        failing.withLock { $0 = first }
        // In this order the two stand in one batch.
        for index in [first, 1 - first] {
            gates[index].signal()
            done.wait()
        }
        try driven.turn(untilInputFor: peers[0])
        let reply = try peers[0].reply()
        #expect(reply.status == 200 && reply.body == "ok", "\(reply)")
    }
}
