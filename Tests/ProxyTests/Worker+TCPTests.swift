import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+TCP", .serialized)
struct WorkerTCPTests {
    private func start(
        _ servers: [SocketAddress], _ policy: BackendPolicy
    ) throws -> (worker: RunningWorker, address: SocketAddress) {
        let worker = try RunningWorker()
        var timeouts = TimeoutConfig()
        timeouts.upstreamConnect = .seconds(1_000)
        let setup = WorkerSetup(
            sites: [.init(servers: servers, policy: policy)], timeouts: timeouts, isTCP: true)
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
        let closed = try WorkerRetryTests.closedPort()
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
