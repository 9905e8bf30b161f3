import Config
import Platform
import Telemetry
import TestSupport
import Testing

@testable import Proxy

/// What a worker does where memory is short.
@Suite("Worker+Memory", .serialized)
struct WorkerMemoryTests {
    static let get = head("GET / HTTP/1.1", "Host: localhost")

    /// Opens connections that have been idle, the first for the longest time.
    private func idle(_ count: Int, on worker: RunningWorker, _ address: SocketAddress) throws
        -> [Peer]
    {
        try (0..<count).map { _ in
            let peer = try Peer(address)
            try peer.send(WorkerMemoryTests.get)
            #expect(try peer.reply().status == 200)
            try worker.advance(by: .milliseconds(10))
            return peer
        }
    }

    @Test("Idle connections are closed, those first that have been idle longest")
    func idleConnections() throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let floor = Worker.sheddingFloor
        let peers = try idle(floor + 2, on: worker, address)
        try peers[0].send(WorkerMemoryTests.get)
        #expect(try peers[0].reply().status == 200)
        try worker.advance(by: .milliseconds(10))
        worker.post(.pressure(.high))
        try worker.settle()
        for peer in peers[1...floor] {
            #expect(try peer.receiveAll() == "")
            #expect(peer.isCleanlyClosed)
        }
        for peer in [peers[0], peers[floor + 1]] {
            try peer.send(WorkerMemoryTests.get)
            #expect(try peer.reply().status == 200)
        }
        #expect(try worker.limits("memory") == floor)
        try worker.stop()
    }

    @Test(
        "New connections are closed at once where there are enough, until memory is there again",
        arguments: [
            (Worker.sheddingFloor - 1, true), (Worker.sheddingFloor, false),
            (Worker.sheddingFloor + 1, false),
        ])
    func newConnections(others: Int, isServed: Bool) throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(origin.address)
        // They have not asked yet, so that they are not idle.
        let peers = try (0..<others).map { _ in try Peer(address) }
        try worker.waitForConnections(others)
        worker.post(.pressure(.high))
        try worker.settle()
        let isRefused = try Peer.isRefused(at: address, sending: WorkerMemoryTests.get)
        #expect(isRefused != isServed)
        if !isServed {
            #expect(try worker.sample("martlet_connections_refused_total", "memory") == 1)
        }
        #expect(try worker.limits("memory") == (isServed ? 0 : 1))
        worker.post(.pressure(.none))
        try worker.settle()
        let last = try Peer(address)
        try last.send(WorkerMemoryTests.get)
        #expect(try last.reply().status == 200)
        _ = peers
        try worker.stop()
    }

    @Test("Where memory is very short, requests are refused, down to a few connections")
    func requests() throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peers = try (0..<Worker.sheddingFloor).map { _ in try Peer(address) }
        try worker.waitForConnections(Worker.sheddingFloor)
        worker.post(.pressure(.critical))
        try worker.settle()
        try peers[0].send(WorkerMemoryTests.get)
        let reply = try peers[0].reply()
        #expect(reply.status == 503)
        #expect(reply.field("Retry-After") == "5")
        #expect(try peers[0].receiveAll() == "")
        try peers[0].finish()
        try worker.waitForConnections(Worker.sheddingFloor - 1)
        // With so few connections it is not they who take the memory.
        try peers[1].send(WorkerMemoryTests.get)
        #expect(try peers[1].reply().status == 200)
        #expect(try worker.limits("memory") == 1)
        try worker.stop()
    }
}
