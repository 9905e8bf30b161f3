import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Race", .serialized)
struct WorkerRaceTests {
    private static let get = head("GET / HTTP/1.1", "Host: localhost")
    /// Just before another address is tried, and then just behind that and a tick of the timers.
    private static let almost = Worker.raceDelay - .milliseconds(1)
    private static let rest = Duration.milliseconds(21)

    /// A worker in front of one server with these addresses.
    private func start(
        _ servers: SocketAddress..., kin: Bool = true
    ) throws -> (worker: RunningWorker, peer: Peer) {
        let worker = try RunningWorker(isClockStopped: true)
        var timeouts = TimeoutConfig()
        timeouts.upstreamConnect = .seconds(100)
        timeouts.requestHead = .seconds(1000)
        timeouts.keepAlive = .seconds(1000)
        let setup = WorkerSetup(
            sites: [.init(servers: servers, areKin: kin)], timeouts: timeouts)
        let listener = try WorkerSetup.listen()
        try worker.install(setup, on: listener)
        let peer = try Peer(listener.address)
        try peer.send(WorkerRaceTests.get)
        try worker.waitForServer(servers[0], active: 1, idle: 0)
        return (worker, peer)
    }

    @Test("An address that is silent for 250 ms is raced by another one, which serves")
    func race() throws {
        let hole = try Blackhole()
        let origin = try Origin { $0.echo() }
        let (worker, peer) = try start(hole.address, origin.address)
        try worker.advance(by: WorkerRaceTests.almost)
        #expect(origin.connectionCount == 0)
        try worker.advance(by: WorkerRaceTests.rest)
        #expect(try peer.reply().status == 200)
        try worker.waitForServer(hole.address, active: 0, idle: 0)
        try worker.waitForServer(origin.address, active: 0, idle: 1)
        #expect(origin.connectionCount == 1)
        // The silent one counts as one that refused.
        #expect(try worker.sample("martlet_upstream_failures_total", "\(hole.address)") == 1)
        try worker.stop()
    }

    @Test(
        "Where the second address fails, at once or later, the third one has its turn",
        arguments: [true, false])
    func third(atOnce: Bool) throws {
        let hole = try Blackhole()
        var closed: Blackhole? = try Blackhole()
        let second = atOnce ? .unix("/nonexistent/socket") : try #require(closed).address
        let origin = try Origin { $0.echo() }
        let (worker, peer) = try start(hole.address, second, origin.address)
        closed = nil
        try worker.advance(by: WorkerRaceTests.almost)
        try worker.advance(by: WorkerRaceTests.rest)
        try Deadline.wait("a failure") {
            try worker.sample("martlet_upstream_failures_total", "\(second)") == 1
        }
        if !atOnce {
            #expect(origin.connectionCount == 0)
            try worker.advance(by: WorkerRaceTests.almost)
            try worker.advance(by: WorkerRaceTests.rest)
        }
        #expect(try peer.reply().status == 200)
        try worker.waitForServer(hole.address, active: 0, idle: 0)
        try worker.stop()
    }

    @Test("Servers that are not addresses of one name do not race")
    func strangers() throws {
        let hole = try Blackhole()
        let origin = try Origin { $0.echo() }
        let (worker, peer) = try start(hole.address, origin.address, kin: false)
        try worker.advance(by: WorkerRaceTests.almost)
        try worker.advance(by: WorkerRaceTests.rest)
        try worker.advance(by: .seconds(1))
        #expect(!peer.hasInput(within: .zero))
        try worker.waitForServer(hole.address, active: 1, idle: 0)
        #expect(origin.connectionCount == 0)
        try worker.stop()
    }

    @Test("There are two attempts at a time, and both end when the time is over")
    func both() throws {
        let holes = [try Blackhole(), try Blackhole(), try Blackhole()]
        let (worker, peer) = try start(
            holes[0].address, holes[1].address, holes[2].address)
        try worker.advance(by: WorkerRaceTests.almost)
        try worker.advance(by: WorkerRaceTests.rest)
        try worker.waitForServer(holes[1].address, active: 1, idle: 0)
        try worker.advance(by: .seconds(50))
        try worker.waitForServer(holes[0].address, active: 1, idle: 0)
        try worker.waitForServer(holes[2].address, active: 0, idle: 0)
        // A request whose connects had no time is not sent again, or to the third.
        for _ in 0..<3 where !peer.hasInput(within: .zero) {
            try worker.advance(by: .seconds(101))
        }
        #expect(try peer.reply().status == 504)
        for hole in holes { try worker.waitForServer(hole.address, active: 0, idle: 0) }
        try worker.stop()
    }

    @Test("A second address that refuses leaves the first its time")
    func refusal() throws {
        let hole = try Blackhole()
        let closed = try SocketAddress.vacant()
        let (worker, peer) = try start(hole.address, closed)
        try worker.advance(by: WorkerRaceTests.almost)
        try worker.advance(by: WorkerRaceTests.rest)
        try Deadline.wait("a refusal") {
            try worker.sample("martlet_upstream_failures_total", "\(closed)") == 1
        }
        try worker.waitForServer(hole.address, active: 1, idle: 0)
        #expect(!peer.hasInput(within: .zero))
        try worker.stop()
    }

    @Test("A client that leaves ends both attempts")
    func leaving() throws {
        let holes = [try Blackhole(), try Blackhole()]
        let (worker, peer) = try start(holes[0].address, holes[1].address)
        try worker.advance(by: WorkerRaceTests.almost)
        try worker.advance(by: WorkerRaceTests.rest)
        try worker.waitForServer(holes[1].address, active: 1, idle: 0)
        peer.reset()
        for hole in holes { try worker.waitForServer(hole.address, active: 0, idle: 0) }
        try worker.stop()
    }
}
