import Config
import HTTP
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Introduction", .serialized)
struct WorkerIntroductionTests {
    static let ask = head("GET / HTTP/1.1", "Host: localhost")

    /// A server that answers with the line that its connection began with.
    private func origin() throws -> Origin {
        try Origin { connection in
            let line = connection.read(until: "\r\n")
            while connection.readHead() != nil {
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(line.utf8.count + 2)\r\n\r\n"
                        + "\(connection.number) \(line)")
            }
        }
    }

    private func start(
        _ origin: Origin, _ policy: BackendPolicy = BackendPolicy(),
        change: @escaping (inout RuntimeSettings) -> Void = { _ in }
    ) throws -> (RunningWorker, SocketAddress) {
        let worker = try RunningWorker()
        let setup = WorkerSetup(
            sites: [.init(servers: [origin.address], policy: policy, proxyHeader: .v1)],
            change: change)
        let listener = try WorkerSetup.listen()
        try worker.install(setup, on: listener)
        return (worker, listener.address)
    }

    @Test("A connection that names a client carries the requests of its connection only")
    func ownership() throws {
        let origin = try origin()
        let (worker, address) = try start(origin)
        let one = try Peer(address)
        let other = try Peer(address, from: Peer.neighbour)
        var bodies: [String] = []
        for peer in [one, one, other, one, other] {
            try peer.send(WorkerIntroductionTests.ask)
            bodies.append(try peer.reply().body)
        }
        let port = address.port ?? 0
        #expect(bodies.map { $0.prefix(1) } == ["1", "1", "2", "1", "2"])
        #expect(bodies[0].hasPrefix("1 PROXY TCP4 127.0.0.1 127.0.0.1 "))
        #expect(bodies[2].hasPrefix("2 PROXY TCP4 127.0.0.2 127.0.0.1 "))
        #expect(bodies.allSatisfy { $0.hasSuffix(" \(port)\r\n") })
        try worker.waitForServer(origin.address, active: 0, idle: 2)
        // Who has gone leaves nothing behind.
        try one.finish()
        _ = try one.receiveAll()
        try worker.waitForServer(origin.address, active: 0, idle: 1)
        try worker.stop()
    }

    @Test("Another client's connection gives way where there may be no further one")
    func limit() throws {
        let origin = try origin()
        let (worker, address) = try start(
            origin, BackendPolicy(limits: BackendLimitConfig(connections: 1)))
        let peers = try [Peer(address), Peer(address)]
        for index in [0, 1, 0] {
            try peers[index].send(WorkerIntroductionTests.ask)
            #expect(try peers[index].reply().status == 200)
            try worker.waitForServer(origin.address, active: 0, idle: 1)
        }
        #expect(origin.connectionCount == 3)
        try worker.stop()
    }

    @Test("A connection that has died is replaced for the same client")
    func dead() throws {
        let origin = try Origin { connection in
            let line = connection.read(until: "\r\n")
            guard connection.readHead() != nil else { return }
            connection.send(
                "HTTP/1.1 200 OK\r\nContent-Length: \(line.utf8.count)\r\n\r\n\(line)")
        }
        let (worker, address) = try start(origin)
        let peer = try Peer(address)
        for _ in 0..<20 {
            try peer.send(WorkerIntroductionTests.ask)
            let reply = try peer.reply()
            #expect(reply.status == 200 && reply.body.hasPrefix("PROXY TCP4 127.0.0.1 "))
        }
        try worker.stop()
    }
}
