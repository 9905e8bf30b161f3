import Config
import HTTP
import Platform
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Proxy

/// Races of connections that several requests wait for.
@Suite("Worker+SharedRace", .serialized)
struct WorkerSharedRaceTests {
    /// One worker in front of servers of HTTP/2, which are addresses of one name.
    private struct Scene {
        let driven: DrivenWorker
        let peers: [Peer]
        let pools: [UpstreamPool]

        /// Lets `clients` ask, and waits until all of them wait for a connection.
        init(
            _ servers: [SocketAddress], clients: Int = 3,
            limits: BackendLimitConfig = BackendLimitConfig()
        ) throws {
            var timeouts = TimeoutConfig()
            timeouts.upstreamConnect = .seconds(100)
            timeouts.requestHead = .seconds(1000)
            timeouts.keepAlive = .seconds(1000)
            var policy = BackendPolicy()
            policy.limits = limits
            let driven = try DrivenWorker(
                WorkerSetup(
                    sites: [
                        .init(servers: servers, speaks: .h2c, areKin: true, policy: policy)
                    ], timeouts: timeouts), isClockStopped: true)
            self.driven = driven
            pools = driven.worker.installed?.pools[0] ?? []
            // All are to wait for one connection, to the first.
            for pool in pools.dropFirst() { pool.standing.avoid(now: driven.worker.now) }
            peers = try (0..<clients).map { _ in try Peer(driven.address) }
            for (index, peer) in peers.enumerated() {
                try peer.send(WorkerSharedTests.get("/\(index)"))
            }
            try wait("all to wait") { $0.outstanding == [clients] }
            for pool in pools { pool.standing.embrace() }
        }

        /// How many requests are under way to the servers, without those behind that have none.
        var outstanding: [Int] {
            var counts = pools.map(\.outstanding)
            while counts.last == 0 { counts.removeLast() }
            return counts
        }

        /// How many connections there are to the servers.
        var open: [Int] { pools.map(\.openCount) }

        /// How many requests wait for connections.
        var pending: Int { driven.worker.installed?.loads[0].tally.pending ?? -1 }

        func wait(_ text: String, until condition: (Scene) -> Bool) throws {
            try driven.turn(text) { condition(self) }
        }

        /// Lets the first wait for a connect be over.
        func race() {
            let before = open
            driven.advance(by: Worker.raceDelay - .milliseconds(1))
            #expect(open == before)
            driven.advance(by: .milliseconds(21))
        }

        /// Reads an answer for everybody, and looks whether all the books are balanced.
        func expectAnswers(_ status: Int = 200, connections: [Int]) throws {
            for (index, peer) in peers.enumerated() {
                try driven.turn(untilInputFor: peer)
                let reply = try peer.reply()
                #expect(reply.status == status)
                if status == 200 { #expect(reply.body == "/\(index)") }
            }
            try wait("the end") { $0.open == connections }
            #expect(outstanding == [])
            #expect(pending == 0)
            let active = driven.registry.serverTotals().values.map(\.active)
            #expect(active.allSatisfy { $0 == 0 })
        }
    }

    /// Answers with the path, and notes it.
    private static func note(_ seen: Seen) -> @Sendable (StreamOrigin, HTTP2Event) -> Void {
        { origin, event in
            guard case .request(let stream, _) = event else { return }
            seen.paths.withLock { $0.append(origin.path) }
            origin.answer(stream, origin.path)
        }
    }

    private final class Seen: Sendable {
        let paths = Mutex<[String]>([])
        var sorted: [String] { paths.withLock { $0.sorted() } }
    }

    @Test("All who wait for a silent address are served by another one, once each")
    func race() throws {
        let hole = try Blackhole()
        let seen = Seen()
        let origin = try Origin(StreamOrigin.script(WorkerSharedRaceTests.note(seen)))
        let scene = try Scene([hole.address, origin.address])
        #expect(scene.open == [1, 0])
        #expect(scene.pending == 3)
        scene.race()
        try scene.expectAnswers(connections: [0, 1])
        #expect(seen.sorted == ["/0", "/1", "/2"])
        #expect(origin.connectionCount == 1)
        let avoided = scene.pools.map { !$0.standing.accepts(now: scene.driven.worker.now) }
        #expect(avoided == [true, false])
    }

    @Test("Where a connection to another address is open, it is taken at once")
    func open() throws {
        let hole = try Blackhole()
        let seen = Seen()
        let origin = try Origin(StreamOrigin.script(WorkerSharedRaceTests.note(seen)))
        let scene = try Scene([hole.address, origin.address], clients: 2)
        scene.pools[0].standing.avoid(now: scene.driven.worker.now)
        let other = try Peer(scene.driven.address)
        try other.send(WorkerSharedTests.get("/other"))
        try scene.driven.turn(untilInputFor: other)
        #expect(try other.reply().body == "/other")
        scene.driven.advance(by: Worker.raceDelay + .milliseconds(20))
        #expect(scene.open[0] == 0)
        try scene.expectAnswers(connections: [0, 1])
        #expect(seen.sorted == ["/0", "/1", "/other"])
        #expect(origin.connectionCount == 1)
    }

    @Test("Who comes while two race is served with the others, whichever wins", arguments: [0, 1])
    func late(winner: Int) throws {
        let holes = [try Blackhole(), try Blackhole(), try Blackhole()]
        let seen = Seen()
        let scene = try Scene(holes.map(\.address), clients: 2)
        scene.race()
        #expect(scene.open == [1, 1, 0])
        for pool in scene.pools.dropFirst() {
            pool.standing.avoid(now: scene.driven.worker.now)
        }
        let late = try Peer(scene.driven.address)
        try late.send(WorkerSharedTests.get("/late"))
        try scene.wait("the third to wait") { $0.outstanding == [3] }
        holes[winner].open(StreamOrigin.script(WorkerSharedRaceTests.note(seen)))
        try scene.driven.turn(untilInputFor: late)
        #expect(try late.reply().body == "/late")
        try scene.expectAnswers(connections: winner == 0 ? [1, 0, 0] : [0, 1, 0])
        #expect(seen.sorted == ["/0", "/1", "/late"])
    }

    @Test(
        "Who chose the second address waits for it where the first one wins, but not long",
        arguments: [true, false])
    func apart(opens: Bool) throws {
        let holes = [try Blackhole(), try Blackhole()]
        let seen = Seen()
        let scene = try Scene(holes.map(\.address), clients: 2)
        scene.race()
        scene.pools[0].standing.avoid(now: scene.driven.worker.now)
        let other = try Peer(scene.driven.address)
        try other.send(WorkerSharedTests.get("/other"))
        try scene.wait("the third to wait") { $0.outstanding == [2, 1] }
        #expect(scene.open == [1, 1])
        holes[0].open(StreamOrigin.script(WorkerSharedRaceTests.note(seen)))
        for peer in scene.peers {
            try scene.driven.turn(untilInputFor: peer)
            #expect(try peer.reply().status == 200)
        }
        #expect(scene.outstanding == [0, 1])
        #expect(scene.open == [1, 1])
        #expect(scene.pending == 1)
        if opens {
            holes[1].open(StreamOrigin.script(WorkerSharedRaceTests.note(seen)))
        } else {
            scene.driven.advance(by: Worker.raceDelay + .milliseconds(20))
        }
        try scene.driven.turn(untilInputFor: other)
        #expect(try other.reply().body == "/other")
        try scene.wait("the end") { $0.outstanding == [] && $0.open == [1, opens ? 1 : 0] }
        #expect(scene.pending == 0)
        #expect(seen.sorted == ["/0", "/1", "/other"])
    }

    @Test("A second address that refuses leaves the first its time")
    func refusal() throws {
        let hole = try Blackhole()
        var closed: Blackhole? = try Blackhole()
        let seen = Seen()
        let scene = try Scene([hole.address, try #require(closed).address])
        closed = nil
        scene.race()
        try scene.wait("a refusal") { $0.open == [1, 0] }
        #expect(scene.outstanding == [3])
        hole.open(StreamOrigin.script(WorkerSharedRaceTests.note(seen)))
        try scene.expectAnswers(connections: [1, 0])
        #expect(seen.sorted == ["/0", "/1", "/2"])
    }

    @Test("A first address that refuses late leaves all to the second")
    func lateRefusal() throws {
        var first: Blackhole? = try Blackhole()
        let second = try Blackhole()
        let seen = Seen()
        let scene = try Scene([try #require(first).address, second.address])
        scene.race()
        #expect(scene.open == [1, 1])
        first = nil
        try scene.wait("a refusal") { $0.open == [0, 1] }
        #expect(scene.outstanding == [0, 3])
        #expect(scene.pending == 3)
        second.open(StreamOrigin.script(WorkerSharedRaceTests.note(seen)))
        try scene.expectAnswers(connections: [0, 1])
        #expect(seen.sorted == ["/0", "/1", "/2"])
    }

    @Test("Where both refuse the clients get 503")
    func bothRefuse() throws {
        var holes = [try Blackhole(), try Blackhole()]
        let scene = try Scene(holes.map(\.address))
        scene.race()
        #expect(scene.open == [1, 1])
        holes.removeAll()
        try scene.expectAnswers(503, connections: [0, 0])
    }

    @Test("Where both have had their time the clients get 504")
    func bothSilent() throws {
        let holes = [try Blackhole(), try Blackhole()]
        let scene = try Scene(holes.map(\.address))
        scene.race()
        #expect(scene.open == [1, 1])
        // A request whose connect had no time may have another one elsewhere.
        for _ in 0..<4 { scene.driven.advance(by: .seconds(101)) }
        try scene.expectAnswers(504, connections: [0, 0])
    }

    @Test("A client that leaves in the middle of a race costs nobody else anything")
    func leaving() throws {
        let holes = [try Blackhole(), try Blackhole()]
        let seen = Seen()
        let scene = try Scene(holes.map(\.address), clients: 2)
        scene.race()
        scene.peers[0].reset()
        try scene.wait("one to wait") { $0.outstanding == [1] && $0.pending == 1 }
        #expect(scene.open == [1, 1])
        holes[1].open(StreamOrigin.script(WorkerSharedRaceTests.note(seen)))
        try scene.driven.turn(untilInputFor: scene.peers[1])
        #expect(try scene.peers[1].reply().body == "/1")
        try scene.wait("the end") { $0.outstanding == [] && $0.open == [0, 1] }
        #expect(seen.sorted == ["/1"])
    }

    @Test("Where everybody leaves, the connection that comes first rests")
    func allLeaving() throws {
        let holes = [try Blackhole(), try Blackhole()]
        let scene = try Scene(holes.map(\.address), clients: 2)
        scene.race()
        for peer in scene.peers { peer.reset() }
        try scene.wait("nobody to wait") { $0.outstanding == [] && $0.pending == 0 }
        holes[1].open(StreamOrigin.script(WorkerSharedTests.echo))
        try scene.wait("the winner to rest") { $0.pools[1].restingCount == 1 }
        #expect(scene.open == [0, 1])
    }

    @Test(
        "As many change to another address as its server has room for",
        arguments: [(0, [2], [1, 0]), (1, [1, 2], [1, 1]), (2, [2, 2], [1, 1])])
    func room(taken: Int, outstanding: [Int], open: [Int]) throws {
        let hole = try Blackhole()
        // Nobody is answered.
        let origin = try Origin(StreamOrigin.script { _, _ in })
        var limits = BackendLimitConfig()
        limits.requests = 2
        let scene = try Scene([hole.address, origin.address], clients: 2, limits: limits)
        scene.pools[0].standing.avoid(now: scene.driven.worker.now)
        let others = try (0..<taken).map { _ in try Peer(scene.driven.address) }
        for other in others { try other.send(WorkerSharedTests.get("/other")) }
        try scene.wait("the others") {
            $0.pools[1].outstanding == taken && (taken == 0 || $0.pending == 2)
        }
        if taken == 0 { scene.pools[1].standing.avoid(now: scene.driven.worker.now) }
        scene.driven.advance(by: Worker.raceDelay + .milliseconds(20))
        #expect(scene.outstanding == outstanding)
        #expect(scene.open == open)
        withExtendedLifetime(others) {}
    }
}
