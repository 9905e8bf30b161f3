import Config
import Platform
import TLS
import TestSupport
import Testing

@testable import Proxy

/// Races of connections that several requests wait for.
@Suite("Worker+SharedRace", .serialized)
struct WorkerSharedRaceTests {
    @Test("All who wait for a silent address are served by another one, once each")
    func race() throws {
        let hole = try Blackhole()
        let seen = SeenPaths()
        let origin = try Origin(StreamOrigin.script(RaceScene.note(seen)))
        let scene = try RaceScene([hole.address, origin.address])
        #expect(scene.open == [1, 0])
        #expect(scene.pending == 3)
        scene.race()
        try scene.expectAnswers(connections: [0, 1])
        #expect(seen.sorted == ["/0", "/1", "/2"])
        #expect(origin.connectionCount == 1)
        let avoided = scene.pools.map { !$0.standing.accepts(now: scene.driven.worker.now) }
        #expect(avoided == [true, false])
        // The silent one counts as one that refused.
        #expect(scene.failures == [1, 0])
    }

    @Test("Where a connection to another address is open, it is taken at once")
    func open() throws {
        let hole = try Blackhole()
        let seen = SeenPaths()
        let origin = try Origin(StreamOrigin.script(RaceScene.note(seen)))
        let scene = try RaceScene([hole.address, origin.address], clients: 2)
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
        let seen = SeenPaths()
        let scene = try RaceScene(holes.map(\.address), clients: 2)
        scene.race()
        #expect(scene.open == [1, 1, 0])
        for pool in scene.pools.dropFirst() {
            pool.standing.avoid(now: scene.driven.worker.now)
        }
        let late = try Peer(scene.driven.address)
        try late.send(WorkerSharedTests.get("/late"))
        try scene.wait("the third to wait") { $0.outstanding == [3] }
        holes[winner].open(StreamOrigin.script(RaceScene.note(seen)))
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
        let seen = SeenPaths()
        let scene = try RaceScene(holes.map(\.address), clients: 2)
        scene.race()
        scene.pools[0].standing.avoid(now: scene.driven.worker.now)
        let other = try Peer(scene.driven.address)
        try other.send(WorkerSharedTests.get("/other"))
        try scene.wait("the third to wait") { $0.outstanding == [2, 1] }
        #expect(scene.open == [1, 1])
        holes[0].open(StreamOrigin.script(RaceScene.note(seen)))
        for peer in scene.peers {
            try scene.driven.turn(untilInputFor: peer)
            #expect(try peer.reply().status == 200)
        }
        #expect(scene.outstanding == [0, 1])
        #expect(scene.open == [1, 1])
        #expect(scene.pending == 1)
        if opens {
            holes[1].open(StreamOrigin.script(RaceScene.note(seen)))
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
        let seen = SeenPaths()
        let scene = try RaceScene([hole.address, .vacant()])
        scene.race()
        try scene.wait("a refusal") { $0.open == [1, 0] }
        #expect(scene.outstanding == [3])
        hole.open(StreamOrigin.script(RaceScene.note(seen)))
        try scene.expectAnswers(connections: [1, 0])
        #expect(seen.sorted == ["/0", "/1", "/2"])
    }

    /// A wait asked once: behind a refusal all stayed with the silent address for its whole time.
    @Test("Where the second address refuses, the third one has its turn")
    func third() throws {
        let hole = try Blackhole()
        let seen = SeenPaths()
        let origin = try Origin(StreamOrigin.script(RaceScene.note(seen)))
        let scene = try RaceScene([hole.address, .vacant(), origin.address])
        scene.race()
        try scene.wait("a refusal") { $0.open == [1, 0, 0] }
        scene.race()
        try scene.expectAnswers(connections: [0, 0, 1])
        #expect(seen.sorted == ["/0", "/1", "/2"])
    }

    /// Each was boarded without a wait of its own.
    @Test("Who comes when the first wait is long over waits no longer than others")
    func boarder() throws {
        let hole = try Blackhole()
        let seen = SeenPaths()
        let origin = try Origin(StreamOrigin.script(RaceScene.note(seen)))
        let scene = try RaceScene([hole.address, origin.address], clients: 1)
        scene.peers[0].reset()
        try scene.wait("nobody to wait") { $0.outstanding == [] && $0.pending == 0 }
        scene.driven.advance(by: .seconds(1))
        #expect(scene.open == [1, 0])
        scene.pools[1].standing.avoid(now: scene.driven.worker.now)
        let late = try Peer(scene.driven.address)
        try late.send(WorkerSharedTests.get("/late"))
        try scene.wait("it to wait") { $0.outstanding == [1] }
        scene.pools[1].standing.embrace()
        scene.driven.advance(by: Worker.raceDelay + .milliseconds(20))
        try scene.driven.turn(untilInputFor: late)
        #expect(try late.reply().body == "/late")
        #expect(scene.open == [0, 1])
        #expect(seen.sorted == ["/late"])
    }

    @Test("An address that cannot be tried at all leaves its turn to the next")
    func impossible() throws {
        let hole = try Blackhole()
        let seen = SeenPaths()
        let origin = try Origin(StreamOrigin.script(RaceScene.note(seen)))
        let scene = try RaceScene([hole.address, .unix("/nonexistent/socket"), origin.address])
        scene.race()
        try scene.expectAnswers(connections: [0, 0, 1])
        #expect(seen.sorted == ["/0", "/1", "/2"])
        #expect(scene.failures == [1, 1, 0])
    }

    /// The second one was open already when it was found to be of no use.
    @Test("A second address that takes the connection and ends it at once moves nobody")
    func hasty() throws {
        let hole = try Blackhole()
        let listener = try WorkerSetup.listen()
        let seen = SeenPaths()
        let scene = try RaceScene([hole.address, listener.address])
        scene.race()
        #expect(scene.open == [1, 1])
        guard case .accepted(let socket, _) = listener.socket.accept() else {
            throw TestFailure("nobody came")
        }
        _ = consume socket
        try scene.wait("the end of the second") { $0.open == [1, 0] }
        #expect(scene.outstanding == [3])
        #expect(scene.pending == 3)
        hole.open(StreamOrigin.script(RaceScene.note(seen)))
        try scene.expectAnswers(connections: [1, 0])
        #expect(seen.sorted == ["/0", "/1", "/2"])
    }

    @Test("Where each races the other, whoever opens serves all", arguments: [0, 1])
    func mutual(winner: Int) throws {
        let holes = [try Blackhole(), try Blackhole()]
        let seen = SeenPaths()
        let scene = try RaceScene(holes.map(\.address), clients: 2)
        scene.pools[0].standing.avoid(now: scene.driven.worker.now)
        let other = try Peer(scene.driven.address)
        try other.send(WorkerSharedTests.get("/other"))
        try scene.wait("the third to wait") { $0.outstanding == [2, 1] }
        scene.pools[0].standing.embrace()
        scene.driven.advance(by: Worker.raceDelay + .milliseconds(20))
        #expect(scene.open == [1, 1])
        let shared = scene.pools.map { $0.shared.first }
        #expect(shared[0]?.rival === shared[1] && shared[1]?.rival === shared[0])
        holes[winner].open(StreamOrigin.script(RaceScene.note(seen)))
        try scene.driven.turn(untilInputFor: other)
        #expect(try other.reply().body == "/other")
        try scene.expectAnswers(connections: winner == 0 ? [1, 0] : [0, 1])
        #expect(seen.sorted == ["/0", "/1", "/other"])
        #expect(scene.failures == (winner == 0 ? [0, 1] : [1, 0]))
    }

    @Test("Where TLS fails with the second address, the third one has its turn")
    func handshake() throws {
        let holes = [try Blackhole(), try Blackhole()]
        let mute = try Origin { connection in
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
            _ = connection.readToEnd()
        }
        let authority = try TestAuthority()
        let tls = ServerTLS(
            context: try TLSClientContext(trusted: authority.pair.certificate),
            serverName: "origin.test")
        let scene = try RaceScene(
            [holes[0].address, mute.address, holes[1].address], tls: tls)
        scene.race()
        try scene.wait("a failure") { $0.open == [1, 0, 0] }
        #expect(scene.outstanding == [3])
        #expect(scene.failures == [0, 1, 0])
        scene.race()
        #expect(scene.open == [1, 0, 1])
        #expect(scene.outstanding == [3])
        #expect(scene.pending == 3)
    }

    @Test("Where there is no room beside the second, the rest goes on without it")
    func narrow() throws {
        var first: Blackhole? = try Blackhole()
        let second = try Blackhole()
        let seen = SeenPaths()
        var limits = BackendLimitConfig()
        limits.requests = 3
        let scene = try RaceScene([try #require(first).address, second.address], limits: limits)
        // Nobody else is to find room at the second.
        scene.pools[1].limits.requests = 2
        scene.race()
        #expect(scene.open == [1, 1])
        first = nil
        try scene.wait("a refusal") { $0.open == [0, 1] }
        #expect(scene.outstanding == [0, 2])
        second.open(StreamOrigin.script(RaceScene.note(seen)))
        var statuses: [Int] = []
        for peer in scene.peers {
            try scene.driven.turn(untilInputFor: peer)
            statuses.append(try peer.reply().status)
        }
        #expect(statuses.sorted() == [200, 200, 503])
        try scene.wait("the end") { $0.open == [0, 1] && $0.outstanding == [] }
        #expect(scene.pending == 0)
    }

    @Test("A reload in the middle of a race keeps those who wait with their servers")
    func reload() throws {
        let holes = [try Blackhole(), try Blackhole()]
        let seen = SeenPaths()
        let scene = try RaceScene(holes.map(\.address), clients: 2)
        scene.race()
        #expect(scene.open == [1, 1])
        let listener = try WorkerSetup.listen()
        let setup = WorkerSetup(
            sites: [.init(servers: [holes[0].address], speaks: .h2c)])
        try scene.driven.install(setup, on: listener, generation: 2)
        #expect(scene.pools[1].isRetired)
        holes[1].open(StreamOrigin.script(RaceScene.note(seen)))
        try scene.wait("the end of the second") { $0.open == [1, 0] }
        #expect(scene.outstanding == [2])
        holes[0].open(StreamOrigin.script(RaceScene.note(seen)))
        try scene.expectAnswers(connections: [1, 0])
        #expect(seen.sorted == ["/0", "/1"])
    }

    @Test("A first address that refuses late leaves all to the second")
    func lateRefusal() throws {
        var first: Blackhole? = try Blackhole()
        let second = try Blackhole()
        let seen = SeenPaths()
        let scene = try RaceScene([try #require(first).address, second.address])
        scene.race()
        #expect(scene.open == [1, 1])
        first = nil
        try scene.wait("a refusal") { $0.open == [0, 1] }
        #expect(scene.outstanding == [0, 3])
        #expect(scene.pending == 3)
        second.open(StreamOrigin.script(RaceScene.note(seen)))
        try scene.expectAnswers(connections: [0, 1])
        #expect(seen.sorted == ["/0", "/1", "/2"])
    }

    @Test("Where both refuse the clients get 503")
    func bothRefuse() throws {
        var holes = [try Blackhole(), try Blackhole()]
        let scene = try RaceScene(holes.map(\.address))
        scene.race()
        #expect(scene.open == [1, 1])
        holes.removeAll()
        try scene.expectAnswers(503, connections: [0, 0])
    }

    @Test("Where both have had their time the clients get 504")
    func bothSilent() throws {
        let holes = [try Blackhole(), try Blackhole()]
        let scene = try RaceScene(holes.map(\.address))
        scene.race()
        #expect(scene.open == [1, 1])
        // A request whose connect had no time may have another one elsewhere.
        for _ in 0..<4 { scene.driven.advance(by: .seconds(101)) }
        try scene.expectAnswers(504, connections: [0, 0])
    }

    @Test("A client that leaves in the middle of a race costs nobody else anything")
    func leaving() throws {
        let holes = [try Blackhole(), try Blackhole()]
        let seen = SeenPaths()
        let scene = try RaceScene(holes.map(\.address), clients: 2)
        scene.race()
        scene.peers[0].reset()
        try scene.wait("one to wait") { $0.outstanding == [1] && $0.pending == 1 }
        #expect(scene.open == [1, 1])
        holes[1].open(StreamOrigin.script(RaceScene.note(seen)))
        try scene.driven.turn(untilInputFor: scene.peers[1])
        #expect(try scene.peers[1].reply().body == "/1")
        try scene.wait("the end") { $0.outstanding == [] && $0.open == [0, 1] }
        #expect(seen.sorted == ["/1"])
    }

    @Test("Where everybody leaves, the connection that comes first rests")
    func allLeaving() throws {
        let holes = [try Blackhole(), try Blackhole()]
        let scene = try RaceScene(holes.map(\.address), clients: 2)
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
        let scene = try RaceScene([hole.address, origin.address], clients: 2, limits: limits)
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
