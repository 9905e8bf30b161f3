import Bytes
import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Requests that no server has taken a connection of, and that wait for one.
@Suite("Worker+Holding", .serialized)
struct WorkerHoldingTests {
    private static let post = head("POST /it HTTP/1.1", "Host: localhost", "Content-Length: 4")
    private static let moment = Duration.nanoseconds(1)

    @Test(
        "A request is served when a server is back within the wait, whatever its method",
        arguments: [HoldingScene.get("/it"), post + "body"], [true, false])
    func served(request: String, isUnix: Bool) throws {
        let folder = try TemporaryFolder()
        let server = try isUnix ? SocketAddress.unix(folder.path("socket")) : .vacant()
        let scene = try HoldingScene(HoldingScene.setup([server]))
        let peer = try scene.hold(1, request)
        scene.driven.advance(by: .milliseconds(850))
        try scene.wait(held: 1)
        try scene.open(server)
        scene.driven.advance(by: HeldLine.probeInterval - WorkerHoldingTests.moment)
        #expect(try scene.held == 1)
        #expect(scene.connections == 0)
        scene.driven.advance(by: WorkerHoldingTests.moment)
        let reply = try scene.reply(peer)
        #expect(reply.status == 200)
        #expect(reply.body == scene.heads[0] + (request.hasSuffix("body") ? "body" : ""))
        #expect(scene.heads.count == 1)
        #expect(try scene.held == 0)
        #expect(try scene.sample("martlet_upstream_retries_total", "connect") == 2)
    }

    @Test("Who has waited long enough is told what was the case at once, and not before")
    func deadline() throws {
        let scene = try HoldingScene(HoldingScene.setup([.vacant(), .vacant()]))
        let peer = try scene.hold()
        #expect(try scene.refusals == 2)
        scene.driven.advance(by: .seconds(1) - WorkerHoldingTests.moment)
        try scene.wait(held: 1)
        #expect(!peer.hasInput(within: .zero))
        // A probe asks every server.
        try scene.wait(refusals: 4)
        scene.driven.advance(by: WorkerHoldingTests.moment)
        let reply = try scene.reply(peer)
        #expect(reply.status == 503)
        #expect(reply.body.contains("No server is available"))
        #expect(try scene.held == 0)
        #expect(try scene.refusals == 4)
        // The next request of the same client has all of its time.
        try peer.send(HoldingScene.get("/next"))
        try scene.wait(held: 1)
        scene.driven.advance(by: .seconds(1) - WorkerHoldingTests.moment)
        try scene.wait(held: 1)
    }

    @Test("Without a wait the answer comes at once")
    func off() throws {
        let scene = try HoldingScene(HoldingScene.setup([.vacant()], wait: .zero))
        let peer = try scene.ask()
        #expect(try scene.reply(peer).status == 503)
        #expect(try scene.refusals == 1)
    }

    @Test("Who goes away is held no more, and no server hears of it", arguments: [true, false])
    func gone(isReset: Bool) throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server]))
        let peer = try scene.hold()
        if isReset { peer.reset() } else { try peer.finish() }
        try scene.wait(held: 0)
        try scene.open(server)
        try scene.probe()
        #expect(scene.connections == 0)
        #expect(try scene.refusals == 1)
        #expect(scene.driven.worker.holding.isEmpty)
        #expect(scene.driven.worker.downstreams.count == 0)
        #expect(scene.driven.worker.tallies["group0"]?.pending == 0)
    }

    @Test("Who is held waits for a connection: only so many may", arguments: [1, 2])
    func pending(limit: Int) throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server], pending: limit))
        let peers = try (1...limit).map { try scene.hold($0) }
        let late = try scene.ask()
        #expect(try scene.reply(late).status == 503)
        #expect(try scene.sample("martlet_upstream_limits_total", "pending") == 1)
        peers[0].reset()
        try scene.wait(held: limit - 1)
        try late.send(HoldingScene.get("/"))
        try scene.wait(held: limit)
        try scene.open(server)
        try scene.probe()
        #expect(try scene.reply(late).status == 200)
        for peer in peers.dropFirst() { #expect(try scene.reply(peer).status == 200) }
        #expect(scene.driven.worker.tallies["group0"]?.pending == 0)
    }

    @Test("One looks for a server at a time, and all go on when it finds one")
    func probes() throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server], wait: .seconds(60)))
        let peers = try (1...5).map { try scene.hold($0, HoldingScene.get("/\($0)")) }
        #expect(try scene.refusals == 5)
        for count in 6...9 {
            scene.driven.advance(by: HeldLine.probeInterval - WorkerHoldingTests.moment)
            #expect(try scene.refusals == count - 1)
            scene.driven.advance(by: WorkerHoldingTests.moment)
            try scene.wait(refusals: count)
            try scene.wait(held: 5)
        }
        scene.driven.advance(by: .seconds(10))
        try scene.wait(refusals: 10)
        try scene.wait(held: 5)
        try scene.open(server)
        scene.driven.advance(by: HeldLine.probeInterval)
        for peer in peers { #expect(try scene.reply(peer).status == 200) }
        #expect(try scene.refusals == 10)
        #expect(try scene.held == 0)
        #expect(scene.driven.worker.holding.isEmpty)
    }

    @Test("All go on when a server takes the connection of whoever comes by")
    func comer() throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server]))
        var peers = try (1...3).map { try scene.hold($0) }
        try scene.open(server)
        peers.append(try scene.ask())
        for peer in peers { #expect(try scene.reply(peer).status == 200) }
    }

    @Test("A batch goes on in a turn of the loop, in the order of arrival")
    func batch() throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server]))
        let peers = try (1...HeldLine.batch + 1).map {
            try scene.hold($0, HoldingScene.get("/\($0)"))
        }
        try scene.open(server)
        scene.driven.worker.tallies["group0"]?.held.serverIsBack()
        scene.driven.turn()
        #expect(try scene.held == 1)
        scene.driven.turn()
        #expect(try scene.held == 0)
        for peer in peers { #expect(try scene.reply(peer).status == 200) }
        #expect(scene.heads.count == HeldLine.batch + 1)
        #expect(scene.driven.worker.tallies["group0"]?.pending == 0)
    }

    @Test(
        "Who has waited long enough is tried once more where a server is back", arguments: [1, 2])
    func lastTry(count: Int) throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server], wait: .milliseconds(50)))
        let peers = try (1...count).map { try scene.hold($0) }
        scene.driven.worker.tallies["group0"]?.held.serverIsBack()
        scene.driven.turn()
        // All have gone on in vain, and do so again only after a while.
        try scene.wait(refusals: count * 2)
        try scene.wait(held: count)
        scene.driven.advance(by: .milliseconds(20))
        try scene.open(server)
        #expect(try scene.reply(scene.ask()).status == 200)
        #expect(try scene.held == count)
        scene.driven.advance(by: .milliseconds(30))
        for peer in peers { #expect(try scene.reply(peer).status == 200) }
        #expect(try scene.held == 0)
    }

    @Test("Whose last try fails is told so")
    func lastTryFails() throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server], wait: .milliseconds(50)))
        let peer = try scene.hold()
        scene.driven.worker.tallies["group0"]?.held.serverIsBack()
        scene.driven.turn()
        try scene.wait(refusals: 2)
        try scene.wait(held: 1)
        scene.driven.worker.tallies["group0"]?.held.serverIsBack()
        scene.driven.advance(by: .milliseconds(50))
        #expect(try scene.reply(peer).status == 503)
        #expect(try scene.refusals == 3)
        #expect(scene.driven.worker.holding.isEmpty)
    }

    @Test("Who looks in vain for a server that may be tried has made no further attempt")
    func noAttempt() throws {
        let scene = try HoldingScene(HoldingScene.setup([.vacant()]))
        let peer = try scene.hold()
        scene.tell { $0.isCheckedDown = true }
        for _ in 0..<3 { try scene.probe() }
        #expect(try scene.held == 1)
        #expect(try scene.refusals == 1)
        #expect(try scene.sample("martlet_upstream_retries_total", "connect") == 0)
        #expect(!peer.hasInput(within: .zero))
    }

    // MARK: - What is known of servers

    @Test("A server that is known to be down is asked when it is said to be well, at once")
    func standings() throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server]))
        scene.tell { $0.isCheckedDown = true }
        let peer = try scene.hold()
        try scene.open(server)
        for _ in 0..<3 {
            try scene.probe()
            scene.tell { $0.isCheckedDown = true }
        }
        #expect(try scene.held == 1)
        #expect(try scene.refusals == 0)
        #expect(scene.connections == 0)
        scene.tell { _ in }
        #expect(try scene.held == 0)
        #expect(try scene.reply(peer).status == 200)
    }

    @Test("Where no server may be tried, the answer comes when the time is over")
    func noServer() throws {
        let scene = try HoldingScene(HoldingScene.setup([.vacant()]))
        scene.tell { $0.isDrained = true }
        let peer = try scene.hold()
        scene.driven.advance(by: .seconds(1) - WorkerHoldingTests.moment)
        #expect(try scene.held == 1)
        scene.driven.advance(by: WorkerHoldingTests.moment)
        #expect(try scene.reply(peer).status == 503)
        #expect(try scene.refusals == 0)
    }

    @Test("Who is held goes on at once to the servers that a reload brings")
    func reloaded() throws {
        let servers = try [SocketAddress.vacant(), .vacant()]
        let scene = try HoldingScene(HoldingScene.setup([servers[0]]))
        let peer = try scene.hold()
        try scene.open(servers[1])
        try scene.install(HoldingScene.setup([servers[1]], wait: .zero))
        #expect(try scene.reply(peer).status == 200)
    }

    @Test(
        "Who is held is so for as long as was said, whatever a reload says",
        arguments: [Duration.zero, .milliseconds(500), .seconds(60)])
    func otherWait(wait: Duration) throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server]))
        let peer = try scene.hold()
        try scene.install(HoldingScene.setup([server], wait: wait))
        scene.driven.advance(by: .seconds(1) - WorkerHoldingTests.moment)
        try scene.wait(held: 1)
        #expect(!peer.hasInput(within: .zero))
        scene.driven.advance(by: WorkerHoldingTests.moment)
        #expect(try scene.reply(peer).status == 503)
    }

    @Test("A backend that a reload removes serves who is held, for as long as was said")
    func removed() throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server]))
        let peers = try [scene.hold(1), scene.hold(2)]
        try scene.install(WorkerSetup(sites: []))
        try scene.probe()
        try scene.wait(refusals: 3)
        peers[0].reset()
        try scene.wait(held: 1)
        try scene.open(server)
        try scene.probe()
        #expect(try scene.reply(peers[1]).status == 200)
        #expect(try scene.held == 0)
    }

    @Test("While the worker drains, who is held is served, or told when the time is over")
    func drain() throws {
        for isBack in [true, false] {
            let server = try SocketAddress.vacant()
            let scene = try HoldingScene(HoldingScene.setup([server]))
            let peer = try scene.hold()
            scene.driven.worker.plan.mailbox.post(
                .drain(deadline: scene.driven.worker.now + .seconds(9)))
            scene.driven.turn()
            #expect(try scene.held == 1)
            if isBack { try scene.open(server) }
            scene.driven.advance(by: isBack ? HeldLine.probeInterval : .seconds(1))
            #expect(try scene.reply(peer).status == (isBack ? 200 : 503))
        }
    }
}
