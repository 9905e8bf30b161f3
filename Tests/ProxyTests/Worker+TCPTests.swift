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
}
