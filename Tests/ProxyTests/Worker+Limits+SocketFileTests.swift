import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Who comes by a socket file has no address: all of them would share one.
@Suite("Worker+Limits+SocketFile", .serialized)
struct WorkerLimitsSocketFileTests {
    @Test("However many connect to a socket file, no address has too many connections")
    func connectionsPerAddress() throws {
        let origin = try Origin { $0.echo() }
        let folder = try TemporaryFolder()
        let address = SocketAddress.unix(folder.path("m.sock"))
        let socket = try Socket.listen(on: address, reusePort: false, backlog: 16)
        let listener = ListenerSocket(socket, address: address)
        let worker = try RunningWorker()
        let site = WorkerSetup.Site(servers: [origin.address])
        try worker.install(
            WorkerSetup(sites: [site]) { $0.connectionsPerAddress = 1 }, on: listener)
        for _ in 0..<2 {
            let peers = try (0..<4).map { _ in try Peer(address) }
            for peer in peers {
                try peer.send(WorkerLimitsTests.get)
                #expect(try peer.reply().status == 200)
            }
            for peer in peers { try peer.finish() }
            try worker.waitForConnections(0)
        }
        #expect(try worker.limits("connections_per_address") == 0)
        try worker.stop()
    }

    @Test("An address may still have so many connections, and no more")
    func otherAddresses() throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(origin.address) {
            $0.connectionsPerAddress = 1
        }
        let peer = try Peer(address)
        try worker.waitForConnections(1)
        #expect(try Peer.isRefused(at: address))
        #expect(try worker.limits("connections_per_address") == 1)
        try peer.send(WorkerLimitsTests.get)
        #expect(try peer.reply().status == 200)
        try worker.stop()
    }
}
