import Config
import HTTP
import Platform
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Proxy

/// One worker in front of servers of HTTP/2, which are addresses of one name.
struct RaceScene {
    let driven: DrivenWorker
    let peers: [Peer]
    let pools: [UpstreamPool]

    /// Lets `clients` ask, and waits until all of them wait for a connection.
    init(
        _ servers: [SocketAddress], clients: Int = 3,
        limits: BackendLimitConfig = BackendLimitConfig(), tls: ServerTLS? = nil
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
                    .init(
                        servers: servers, speaks: tls == nil ? .h2c : .h2, areKin: true,
                        policy: policy, tls: tls)
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

    /// How many connections the servers have failed to take.
    var failures: [Int] {
        let text = String(decoding: driven.registry.render(.prometheus), as: UTF8.self)
        return pools.map { pool in
            text.split(separator: "\n").filter {
                $0.hasPrefix("martlet_upstream_failures_total{")
                    && $0.contains("\"\(pool.plan.name)\"")
            }.compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
        }
    }

    /// How many requests wait for connections.
    var pending: Int { driven.worker.installed?.loads[0].tally.pending ?? -1 }

    func wait(_ text: String, until condition: (RaceScene) -> Bool) throws {
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

    /// Answers with the path, and notes it.
    static func note(_ seen: SeenPaths) -> @Sendable (StreamOrigin, HTTP2Event) -> Void {
        { origin, event in
            guard case .request(let stream, _) = event else { return }
            seen.paths.withLock { $0.append(origin.path) }
            origin.answer(stream, origin.path)
        }
    }
}

/// The paths that servers were asked for.
final class SeenPaths: Sendable {
    fileprivate let paths = Mutex<[String]>([])
    /// All of them, sorted.
    var sorted: [String] { paths.withLock { $0.sorted() } }
}
