import Bytes
import Config
import HTTP
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+TCP", .serialized)
struct WorkerTCPTests {
    /// The servers, which live as long as the test: one that was never meant, and the right one.
    private let wrong: Origin
    private let right: Origin

    init() throws {
        wrong = try Origin { $0.echo() }
        right = try Origin { connection in
            while connection.readHead() != nil {
                connection.send("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
            }
        }
    }

    /// Passes all bytes on to the second of two backends.
    private func setup(proxies: [AddressBlock]? = nil) -> WorkerSetup {
        var setup = WorkerSetup(sites: [
            .init(hosts: ["a"], servers: [wrong.address]),
            .init(hosts: ["b"], servers: [right.address]),
        ])
        setup.tcp = 1
        setup.proxies = proxies
        return setup
    }

    /// The plan's number was looked up among the backends of the next snapshot, which may be fewer.
    @Test("Who waits on a listener that a reload removes is served by the backend of that time")
    func removedListener() throws {
        let driven = try DrivenWorker(wrong.address)
        let listener = try WorkerSetup.listen()
        try driven.install(setup(), on: listener, generation: 2)
        let peer = try Peer(listener.address)
        try driven.install(
            WorkerSetup(sites: [.init(servers: [wrong.address])]), on: try WorkerSetup.listen(),
            generation: 3)
        try peer.send(WorkerMailboxTests.get)
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 201)
    }

    @Test("Who owes the PROXY header when a reload comes is served by the backend of that time")
    func owedHeader() throws {
        let driven = try DrivenWorker(wrong.address)
        let listener = try WorkerSetup.listen()
        let proxies = [try #require(AddressBlock(address: .ipv4(0x7f00_0001), prefixLength: 32))]
        try driven.install(setup(proxies: proxies), on: listener, generation: 2)
        let peer = try Peer(listener.address)
        try driven.turn("the connection") { driven.worker.downstreams.count == 1 }
        var next = WorkerSetup(sites: [.init(servers: [wrong.address])], proxies: proxies)
        next.tcp = 0
        try driven.install(next, on: listener, generation: 3)
        var header = ByteQueue()
        ProxyHeader.local.append(.v2, to: &header)
        try peer.send(Array(copying: header.bytes) + Array(WorkerMailboxTests.get.utf8))
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 201)
    }

    private func start(
        _ servers: [SocketAddress], _ policy: BackendPolicy
    ) throws -> (worker: RunningWorker, address: SocketAddress) {
        let worker = try RunningWorker()
        var timeouts = TimeoutConfig()
        timeouts.upstreamConnect = .seconds(1_000)
        let setup = WorkerSetup(
            sites: [.init(servers: servers, policy: policy)], tcp: 0, timeouts: timeouts)
        let listener = try WorkerSetup.listen()
        try worker.install(setup, on: listener)
        return (worker, listener.address)
    }

    @Test("The backend's own deadline for a connect holds")
    func connectDeadline() throws {
        let hole = try Blackhole()
        let (worker, address) = try start(
            [hole.address], BackendPolicy(timeouts: BackendTimeoutConfig(connect: .seconds(5))))
        let peer = try Peer(address)
        try worker.waitForServer(hole.address, active: 1, idle: 0)
        try worker.advance(by: .seconds(4))
        try worker.waitForConnections(1)
        try worker.advance(by: .seconds(2))
        try worker.waitForConnections(0)
        peer.reset()
        try worker.stop()
    }

    @Test("Another server is tried where the backend lets it", arguments: [true, false])
    func causes(isAllowed: Bool) throws {
        let origin = try Origin { connection in
            connection.send("hello")
            _ = connection.readToEnd()
        }
        let closed = try SocketAddress.vacant()
        let retries = RetryConfig(causes: isAllowed ? [.connect] : [.reset])
        let (worker, address) = try start(
            [closed, origin.address], BackendPolicy(retries: retries))
        let peer = try Peer(address)
        if isAllowed {
            try Deadline.wait("a word") { peer.hasInput(within: .zero) }
            #expect(origin.connectionCount == 1)
        } else {
            try worker.waitForConnections(0)
            #expect(origin.connectionCount == 0)
        }
        peer.reset()
        try worker.stop()
    }
}
