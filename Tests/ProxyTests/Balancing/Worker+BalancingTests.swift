import Config
import Dispatch
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker: balancing")
struct WorkerBalancingTests {
    /// How many requests are under way to all servers.
    private static func outstanding(_ driven: DrivenWorker) -> [Int] {
        driven.worker.pools.values.map(\.outstanding)
    }

    private static let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    private static let request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

    @Test("A request is under way from when its server is chosen until its response has ended")
    func counts() throws {
        let gate = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            while connection.readHead() != nil {
                _ = gate.wait(timeout: .now() + 60)
                connection.send(WorkerBalancingTests.hello)
            }
        }
        let driven = try DrivenWorker(origin.address)
        let peer = try Peer(driven.address)
        try peer.send(WorkerBalancingTests.request)
        try driven.turn("a request under way") { WorkerBalancingTests.outstanding(driven) == [1] }
        #expect(driven.worker.installed?.balancers[0].load.outstanding == 1)
        gate.signal()
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().body == "hello")
        #expect(WorkerBalancingTests.outstanding(driven) == [0])
        #expect(driven.worker.installed?.balancers[0].load.outstanding == 0)
        let pool = try #require(driven.worker.pools.values.first)
        #expect(pool.latency(now: driven.worker.now) > 0)
    }

    @Test(
        "However a request ends, it is under way no more",
        arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe", "nonsense\r\n\r\n"],
        [BackendProtocol.http1, .h2c])
    func failures(answer: String, speaks: BackendProtocol) throws {
        let origin = try Origin { connection in
            guard connection.readHead() != nil else { return }
            connection.send(answer)
            connection.finish()
        }
        let driven = try DrivenWorker(origin.address, speaks: speaks)
        let peer = try Peer(driven.address)
        try peer.send(WorkerBalancingTests.request)
        try driven.turn(untilInputFor: peer)
        try driven.turn("the end") { WorkerBalancingTests.outstanding(driven) == [0] }
    }

    @Test("A client that goes away takes its request with it", arguments: [false, true])
    func abandoned(isShared: Bool) throws {
        let origin = try Origin { _ = $0.readToEnd() }
        let driven = try DrivenWorker(origin.address, speaks: isShared ? .h2c : .http1)
        var peer: Peer? = try Peer(driven.address)
        try peer?.send(WorkerBalancingTests.request)
        try driven.turn("a request under way") { WorkerBalancingTests.outstanding(driven) == [1] }
        peer = nil
        try driven.turn("nothing under way") { WorkerBalancingTests.outstanding(driven) == [0] }
    }

    @Test("A server that refuses connections has nothing under way")
    func refused() throws {
        let driven = try DrivenWorker(.ipv4(0x7f00_0001, port: 1))
        let peer = try Peer(driven.address)
        try peer.send(WorkerBalancingTests.request)
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 503)
        #expect(WorkerBalancingTests.outstanding(driven) == [0])
    }

    @Test("A drained server's idle connections are closed, and new ones are not kept")
    func drained() throws {
        let origin = try Origin { connection in
            while connection.readHead() != nil { connection.send(WorkerBalancingTests.hello) }
        }
        let driven = try DrivenWorker(origin.address)
        let peer = try Peer(driven.address)
        try peer.send(WorkerBalancingTests.request)
        try driven.turn(untilInputFor: peer)
        _ = try peer.reply()
        let pool = try #require(driven.worker.pools.values.first)
        #expect(pool.idle.count == 1)
        var standing = ServerStanding()
        standing.isDrained = true
        driven.worker.plan.mailbox.post(.standings([pool.plan.label: standing]))
        try driven.turn("no idle connections") { pool.idle.isEmpty }
        try peer.send(WorkerBalancingTests.request)
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 503)
    }
}
