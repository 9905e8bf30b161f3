import Bytes
import Config
import Dispatch
import Platform
import Telemetry
import TestSupport

@testable import Proxy

/// A worker whose backend is not there until a test says so, and whose clock the test moves.
final class HoldingScene {
    let driven: DrivenWorker
    private var origins: [Origin] = []
    private var generation: UInt64 = 1
    /// Where clients connect to.
    private(set) var address: SocketAddress

    static func setup(
        _ servers: [SocketAddress], wait: Duration = .seconds(1), pending: Int? = nil,
        requests: Int? = nil,
        speaks: BackendProtocol = .http1, isTCP: Bool = false
    ) -> WorkerSetup {
        let policy = BackendPolicy(
            timeouts: BackendTimeoutConfig(connect: .seconds(5)),
            retries: RetryConfig(wait: wait),
            limits: BackendLimitConfig(requests: requests, pending: pending, queue: 5))
        var setup = WorkerSetup(
            sites: [.init(servers: servers, speaks: speaks, policy: policy)])
        setup.tcp = isTCP ? 0 : nil
        return setup
    }

    init(_ setup: WorkerSetup) throws {
        driven = try DrivenWorker(setup, isClockStopped: true)
        address = driven.address
    }

    /// Serves something else from now on.
    func install(_ setup: WorkerSetup) throws {
        generation += 1
        let listener = try WorkerSetup.listen()
        try driven.install(setup, on: listener, generation: generation)
        address = listener.address
    }

    /// Lets a server be there.
    func open(
        _ address: SocketAddress,
        _ script: @escaping @Sendable (OriginConnection) throws -> Void = { $0.echo() }
    ) throws {
        origins.append(try Origin(at: address, script))
    }

    /// Lets a server be there that does nothing for its first request until `end` is signalled;
    /// makes that request, and waits until it has come.
    func occupy(
        _ address: SocketAddress, until end: DispatchSemaphore,
        then script: @escaping @Sendable (OriginConnection) throws -> Void = { _ in }
    ) throws -> Peer {
        let asked = DispatchSemaphore(value: 0)
        try open(address) { connection in
            if connection.number == 1 {
                _ = connection.readHead()
                asked.signal()
                end.wait()
            }
            try script(connection)
        }
        let peer = try ask()
        try driven.turn("a request") { asked.wait(timeout: .now()) == .success }
        return peer
    }

    /// Lets no server be there.
    func close(_ address: SocketAddress) throws {
        origins = []
        try driven.turn("nobody at \(address)") { (try? Peer(address)) == nil }
    }

    /// The heads of the requests that have come.
    var heads: [String] { origins.flatMap(\.heads) }

    /// How many connections have come.
    var connections: Int { origins.reduce(0) { $0 + $1.connectionCount } }

    /// Asks.
    func ask(_ request: String = get("/")) throws -> Peer {
        let peer = try Peer(address)
        try peer.send(request)
        return peer
    }

    /// Asks, and waits until so many are held.
    func hold(_ count: Int = 1, _ request: String = get("/")) throws -> Peer {
        let peer = try ask(request)
        try wait(held: count)
        return peer
    }

    static func get(_ path: String) -> String {
        head("GET \(path) HTTP/1.1", "Host: localhost")
    }

    /// Moves the clock to the next probe, and lets everything happen that follows from it.
    func probe() throws {
        driven.advance(by: HeldLine.probeInterval)
        try driven.turn("idle") {
            driven.worker.upstreams.all.allSatisfy { $0.phase != .connecting }
        }
    }

    /// Turns the loop until so many are held.
    func wait(held count: Int) throws {
        try driven.turn("\(count) held") { try held == count }
    }

    /// Turns the loop until so many connects have failed.
    func wait(refusals count: Int) throws {
        try driven.turn("\(count) connects") { try refusals == count }
    }

    /// The answer to a client.
    func reply(_ peer: Peer) throws -> Reply {
        try driven.turn(untilInputFor: peer)
        return try peer.reply()
    }

    /// How many are held.
    var held: Int { get throws { try sample("martlet_upstream_queue", "group0") } }

    /// How many connects have failed.
    var refusals: Int { get throws { try sample("martlet_upstream_failures_total", "connect") } }

    /// The sum of the samples of a metric that have this value for a label.
    func sample(_ name: String, _ value: String) throws -> Int {
        String(decoding: driven.registry.render(.prometheus), as: UTF8.self)
            .split(separator: "\n")
            .filter { $0.hasPrefix("\(name){") && $0.contains("\"\(value)\"") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
            .reduce(0, +)
    }

    /// Lets the worker hear what has become of its servers.
    func tell(_ change: (inout ServerStanding) -> Void) {
        var standing = ServerStanding()
        change(&standing)
        let labels = driven.worker.pools.values.map(\.plan.label)
        driven.worker.plan.mailbox.post(
            .standings(Dictionary(uniqueKeysWithValues: labels.map { ($0, standing) })))
        driven.turn()
    }
}
