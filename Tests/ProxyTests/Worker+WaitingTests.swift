import Bytes
import Config
import Foundation
import HTTP
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Proxy

/// Gives a client to a thread that sends for it.
private struct Handed: @unchecked Sendable {
    let value: Peer

    init(_ value: Peer) { self.value = value }
}

/// Limits of backends, and the line where every server is full.
@Suite("Worker+Waiting", .serialized)
struct WorkerWaitingTests {
    private static func get(_ path: String) -> String {
        head("GET \(path) HTTP/1.1", "Host: localhost")
    }

    private static func policy(_ limits: BackendLimitConfig) -> BackendPolicy {
        BackendPolicy(
            timeouts: BackendTimeoutConfig(firstByte: .seconds(1_000_000)), limits: limits)
    }

    private static let queue = "martlet_upstream_queue"
    private static let limits = "martlet_upstream_limits_total"

    @Test(
        "What is beyond a limit is refused at once, and what is not is served",
        arguments: [
            ("requests", BackendLimitConfig(requests: 2)),
            ("connections", BackendLimitConfig(connections: 2)),
        ])
    func breaker(name: String, limits: BackendLimitConfig) throws {
        let gate = try GatedOrigin()
        let (worker, address) = try RunningWorker.serving(
            [gate.origin.address], WorkerWaitingTests.policy(limits))
        let peers = try (0..<3).map { _ in try Peer(address) }
        for index in 0..<2 {
            try peers[index].send(WorkerWaitingTests.get("/\(index)"))
            try gate.wait(index + 1)
        }
        try peers[2].send(WorkerWaitingTests.get("/2"))
        let refused = try peers[2].reply()
        #expect(refused.status == 503)
        #expect(refused.body.contains("all the requests that they can take"))
        #expect(try worker.sample(WorkerWaitingTests.limits, name) == 1)
        gate.letGo()
        gate.letGo()
        for index in 0..<2 { #expect(try peers[index].reply().body == "/\(index)") }
        try worker.waitForServer(gate.origin.address, active: 0, idle: 2)
        try peers[2].send(WorkerWaitingTests.get("/3"))
        gate.letGo()
        #expect(try peers[2].reply().body == "/3")
        #expect(gate.paths.count == 3)
        #expect(gate.origin.connectionCount == 2)
        try worker.stop()
    }

    @Test("One server that is full leaves the others theirs")
    func others() throws {
        let gates = try [GatedOrigin(), GatedOrigin()]
        let (worker, address) = try RunningWorker.serving(
            gates.map(\.origin.address), WorkerWaitingTests.policy(BackendLimitConfig(requests: 1)))
        let peers = try (0..<3).map { _ in try Peer(address) }
        for index in 0..<2 {
            try peers[index].send(WorkerWaitingTests.get("/\(index)"))
            try Deadline.wait("a request") {
                gates.reduce(0) { $0 + $1.paths.count } == index + 1
            }
        }
        #expect(gates.map(\.paths.count) == [1, 1])
        try peers[2].send(WorkerWaitingTests.get("/2"))
        #expect(try peers[2].reply().status == 503)
        for gate in gates { gate.letGo() }
        for index in 0..<2 { #expect(try peers[index].reply().status == 200) }
        try worker.stop()
    }

    @Test("Only so many wait for a connection to be made")
    func pending() throws {
        let full = try Socket.listen(
            on: .ipv4(0x7f00_0001, port: 0), reusePort: false, backlog: 0)
        guard let server = full.localAddress() else { throw TestFailure("no address") }
        let first = try Socket.connect(to: server)
        let second = try Socket.connect(to: server)
        let (worker, address) = try RunningWorker.serving(
            [server], WorkerWaitingTests.policy(BackendLimitConfig(pending: 1)))
        let one = try Peer(address)
        try one.send(WorkerWaitingTests.get("/1"))
        try worker.waitForServer(server, active: 1, idle: 0)
        let two = try Peer(address)
        try two.send(WorkerWaitingTests.get("/2"))
        #expect(try two.reply().status == 503)
        #expect(try worker.sample(WorkerWaitingTests.limits, "pending") == 1)
        // Whoever leaves makes room, and the connection is given up at once.
        one.reset()
        try worker.waitForServer(server, active: 0, idle: 0)
        try two.send(WorkerWaitingTests.get("/3"))
        try worker.waitForServer(server, active: 1, idle: 0)
        #expect(!two.hasInput(within: .zero))
        try worker.stop()
        _ = (first.rawDescriptor, second.rawDescriptor, full.rawDescriptor)
    }

    // MARK: - The line

    /// A worker whose only server serves one request at a time, and clients that ask in turn.
    private func line(
        _ count: Int, queue: Int = 10,
        _ body: (GatedOrigin, RunningWorker, [Peer], SocketAddress) throws -> Void
    ) throws {
        let gate = try GatedOrigin()
        let limits = BackendLimitConfig(
            requests: 1, queue: queue, queueTimeout: .seconds(1_000))
        let (worker, address) = try RunningWorker.serving(
            [gate.origin.address], WorkerWaitingTests.policy(limits))
        let peers = try (0..<count).map { _ in try Peer(address) }
        for (index, peer) in peers.enumerated() {
            try peer.send(WorkerWaitingTests.get("/\(index)"))
            if index == 0 {
                try gate.wait(1)
            } else {
                try Deadline.wait("\(index) in the line") {
                    try worker.sample(WorkerWaitingTests.queue, "group0") == min(index, queue)
                }
            }
        }
        try body(gate, worker, peers, address)
        try worker.stop()
    }

    @Test("Who came first is served first")
    func order() throws {
        try line(6) { gate, worker, peers, _ in
            for index in 0..<6 {
                gate.letGo()
                #expect(try peers[index].reply().body == "/\(index)")
                try gate.wait(min(6, index + 2))
            }
            #expect(gate.paths == (0..<6).map { "/\($0)" })
            #expect(try worker.sample(WorkerWaitingTests.queue, "group0") == 0)
        }
    }

    @Test("Nobody overtakes: a request of the one who was just served goes behind the others")
    func noOvertaking() throws {
        try line(3) { gate, _, peers, _ in
            try peers[0].send(WorkerWaitingTests.get("/again"))
            for _ in 0..<4 { gate.letGo() }
            #expect(try peers[0].reply().body == "/0")
            #expect(try peers[0].reply().body == "/again")
            #expect(gate.paths == ["/0", "/1", "/2", "/again"])
        }
    }

    @Test("A line that is full refuses at once")
    func full() throws {
        try line(3, queue: 2) { gate, worker, peers, address in
            let late = try Peer(address)
            try late.send(WorkerWaitingTests.get("/late"))
            #expect(try late.reply().status == 503)
            #expect(try worker.sample(WorkerWaitingTests.limits, "queue") == 1)
            for _ in 0..<3 { gate.letGo() }
            for peer in peers { #expect(try peer.reply().status == 200) }
        }
    }

    @Test("Who has waited too long is told, and not before")
    func deadline() throws {
        try line(3) { gate, worker, peers, _ in
            try worker.advance(by: .seconds(990))
            #expect(!peers[1].hasInput(within: .zero))
            try worker.advance(by: .seconds(11))
            for peer in peers.dropFirst() { #expect(try peer.reply().status == 503) }
            #expect(try worker.sample(WorkerWaitingTests.limits, "queue_timeout") == 2)
            #expect(try worker.sample(WorkerWaitingTests.queue, "group0") == 0)
            gate.letGo()
            #expect(try peers[0].reply().body == "/0")
            #expect(gate.paths == ["/0"])
        }
    }

    @Test("Who goes away leaves the line, and no server hears of it", arguments: [true, false])
    func gone(isReset: Bool) throws {
        try line(4) { gate, worker, peers, _ in
            if isReset { peers[2].reset() } else { try peers[2].finish() }
            try Deadline.wait("two in the line") {
                try worker.sample(WorkerWaitingTests.queue, "group0") == 2
            }
            for _ in 0..<3 { gate.letGo() }
            for index in [0, 1, 3] { #expect(try peers[index].reply().body == "/\(index)") }
            #expect(gate.paths == ["/0", "/1", "/3"])
        }
    }

    @Test("Where the server went away, those who wait are told")
    func serverGone() throws {
        let asked = DispatchSemaphore(value: 0)
        let end = DispatchSemaphore(value: 0)
        var origin: Origin? = try Origin { connection in
            _ = connection.readHead()
            asked.signal()
            end.wait()
        }
        let server = try #require(origin?.address)
        let limits = BackendLimitConfig(requests: 1, queue: 5, queueTimeout: .seconds(1_000))
        let (worker, address) = try RunningWorker.serving(
            [server], BackendPolicy(retries: nil, limits: limits))
        let peers = try (0..<3).map { _ in try Peer(address) }
        try peers[0].send(WorkerWaitingTests.get("/0"))
        asked.wait()
        for index in 1..<3 { try peers[index].send(WorkerWaitingTests.get("/\(index)")) }
        try Deadline.wait("two in the line") {
            try worker.sample(WorkerWaitingTests.queue, "group0") == 2
        }
        origin = nil
        for _ in 0..<3 { end.signal() }
        #expect(try peers[0].reply().status == 502)
        for index in 1..<3 {
            let status = try peers[index].reply().status
            #expect(status == 502 || status == 503)
        }
        try worker.stop()
    }

    @Test("Streams wait as well, and one that is reset leaves", arguments: [false, true])
    func streams(isReset: Bool) throws {
        let gate = try GatedOrigin()
        let limits = BackendLimitConfig(requests: 1, queue: 2, queueTimeout: .seconds(1_000))
        let client = try StreamClient(
            [gate.origin.address], WorkerWaitingTests.policy(limits))
        let peer = try client.connect()
        try peer.send(StreamClient.request(1, "GET", "/1"))
        try gate.wait(1)
        for stream: UInt32 in [3, 5, 7] {
            try peer.send(StreamClient.request(stream, "GET", "/\(stream)"))
        }
        #expect(try peer.stream(7).status == 503)
        if isReset {
            try peer.send(Frame.reset(3))
            try Deadline.wait("one in the line") {
                try client.worker.sample(WorkerWaitingTests.queue, "group0") == 1
            }
        }
        for _ in 0..<3 { gate.letGo() }
        for stream: UInt32 in isReset ? [1, 5] : [1, 3, 5] {
            #expect(try peer.stream(stream).body == Array("/\(stream)".utf8))
        }
        #expect(gate.paths == (isReset ? ["/1", "/5"] : ["/1", "/3", "/5"]))
        try client.worker.stop()
    }

    // MARK: - Clients that go away

    @Test("A client that goes away while the server works ends that work", arguments: [0, 1])
    func cancelled(place: Int) throws {
        let cluster = try Cluster(servers: 1, .silence)
        let (worker, address) = try RunningWorker.serving(cluster.addresses, BackendPolicy())
        let peer = try Peer(address)
        try peer.send(WorkerWaitingTests.get("/"))
        try Deadline.wait("a request") { cluster.attempts.first?.isWhole == true }
        if place == 0 { peer.reset() } else { try peer.finish() }
        try Deadline.wait("the end of the connection") { cluster.endedSilences == 1 }
        #expect(cluster.attempts.count == 1)
        try worker.stop()
    }

    @Test("A client that resets its stream ends the server's work")
    func cancelledStream() throws {
        let cluster = try Cluster(servers: 1, .silence)
        let client = try StreamClient(cluster.addresses[0])
        let peer = try client.connect()
        try peer.send(StreamClient.request(1))
        try Deadline.wait("a request") { cluster.attempts.first?.isWhole == true }
        try peer.send(Frame.reset(1))
        try Deadline.wait("the end of the connection") { cluster.endedSilences == 1 }
        try client.worker.stop()
    }

    /// The client's end stood behind what the server did not take, and was never read.
    @Test("A client that goes away in the middle of a body that nobody takes is noticed")
    func unreadEnd() throws {
        let asked = DispatchSemaphore(value: 0)
        let end = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            asked.signal()
            end.wait()
        }
        let driven = try DrivenWorker(origin.address)
        do {
            let peer = Handed(try Peer(driven.address))
            try peer.value.send(
                head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 100000000"))
            try driven.turn("a request") { asked.wait(timeout: .now()) == .success }
            // More than all the buffers between the two take.
            Foundation.Thread { try? peer.value.send(Array(repeating: 120, count: 40_000_000)) }
                .start()
            try driven.turn("full buffers") {
                driven.isUpstreamFull && (driven.upstream?.outbound.count ?? 0) >= 65_536
            }
            // The socket is closed when nobody holds it any more: no FIN waits behind the body.
            peer.value.reset()
        }
        try driven.turn("the end of both connections") {
            driven.worker.downstreams.count == 0 && driven.upstream == nil
        }
        end.signal()
    }

    @Test("What is cancelled on a shared connection is one stream, at once")
    func sharedStream() throws {
        let resets = Mutex(0)
        let requests = Mutex(0)
        let origin = try Origin(
            StreamOrigin.script { origin, event in
                switch event {
                case .request(let stream, _):
                    requests.withLock { $0 += 1 }
                    if origin.path == "/quick" { origin.answer(stream, "quick") }
                case .reset: resets.withLock { $0 += 1 }
                default: break
                }
            })
        let (worker, address) = try RunningWorker.serving(
            [origin.address], BackendPolicy(), speaks: .h2c)
        let gone = try Peer(address)
        try gone.send(WorkerWaitingTests.get("/slow"))
        try Deadline.wait("a request") { requests.withLock { $0 } == 1 }
        gone.reset()
        try Deadline.wait("a reset") { resets.withLock { $0 } == 1 }
        let other = try Peer(address)
        try other.send(WorkerWaitingTests.get("/quick"))
        #expect(try other.reply().body == "quick")
        #expect(origin.connectionCount == 1)
        try worker.stop()
    }
}
