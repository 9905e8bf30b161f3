import Bytes
import Config
import Dispatch
import HTTP
import Platform
import Telemetry
import TestSupport
import Testing

@testable import Proxy

/// Which servers are full, and which may have a request again, by what is known of them.
@Suite("InstalledSnapshot+Places", .serialized)
struct InstalledSnapshotPlacesTests {
    private static let now = UpstreamPoolTests.start

    /// What may be known of a server, and whether it is in service then.
    private static let facts: [(isInService: Bool, set: @Sendable (inout ServerStanding) -> Void)] =
        [
            (true, { _ in }),
            (true, { $0.avoid(now: now) }),
            (true, { $0.ejectedUntil = now + .seconds(1) }),
            (false, { $0.isCheckedDown = true }),
            (
                false,
                {
                    $0.isCheckedDown = true
                    $0.mayBeBack = true
                }
            ),
            (false, { $0.isDrained = true }),
        ]

    @Test("Only servers in service have places for which to wait", arguments: 0..<6)
    func full(index: Int) {
        let fact = InstalledSnapshotPlacesTests.facts[index]
        let (installed, pool) = alone()
        fact.set(&pool.standing)
        pool.limits.requests = 1
        #expect(installed.limitReached(group: 0) == nil)
        pool.began()
        #expect(installed.limitReached(group: 0) == (fact.isInService ? .requests : nil))
    }

    @Test("An only server has a request again while it is in service", arguments: 0..<6)
    func again(index: Int) {
        let fact = InstalledSnapshotPlacesTests.facts[index]
        let (installed, pool) = alone()
        fact.set(&pool.standing)
        let exchange = Exchange(limits: MessageLimits(), buffers: BufferPool())
        exchange.noteTried(0)
        let hasAnother = installed.hasAnother(
            group: 0, for: exchange, now: InstalledSnapshotPlacesTests.now)
        #expect(hasAnother == fact.isInService)
    }

    private func alone() -> (InstalledSnapshot, UpstreamPool) {
        let pool = UpstreamPoolTests.pool("s")
        let group = UpstreamGroup(name: "b", servers: [pool.plan])
        let snapshot = RuntimeSnapshotTests.snapshot(groups: [group]) { _ in }
        return (InstalledSnapshot(snapshot: snapshot, pools: [[pool]]), pool)
    }

    /// A server that shuts down gracefully has closed its listener and answers what it has.
    @Test("Nobody waits for a place at a server that is down: who comes is held")
    func leaving() throws {
        let end = DispatchSemaphore(value: 0)
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server], requests: 1))
        let first = try scene.occupy(server, until: end) { connection in
            if connection.number == 1 {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold")
            }
            connection.echo()
        }
        scene.tell {
            $0.isCheckedDown = true
            $0.mayBeBack = true
        }
        let second = try scene.hold()
        #expect(scene.driven.worker.holding.count == 1)
        #expect(scene.driven.worker.waiting.isEmpty)
        // It has no room for one that looks either.
        try scene.probe()
        #expect(scene.connections == 1)
        try scene.wait(held: 1)
        end.signal()
        #expect(try scene.reply(first).body == "old")
        try scene.probe()
        #expect(try scene.reply(second).status == 200)
        #expect(try scene.held == 0)
    }
}
