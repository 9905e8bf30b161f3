import Bytes
import Config
import HTTP
import Platform
import TLS
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+ProxyHeader", .serialized)
struct WorkerProxyHeaderTests {
    static let ask = head("GET / HTTP/1.1", "Host: localhost")

    /// The server, which lives as long as the test.
    private let origin: Origin
    private let authority: TestAuthority

    init() throws {
        origin = try Origin { $0.echo() }
        authority = try TestAuthority()
    }

    /// A worker whose listener believes 127.0.0.1, in front of a server that answers with what it
    /// is asked.
    private func start(
        credential: Bool = false, change: @escaping (inout RuntimeSettings) -> Void = { _ in }
    ) throws -> (RunningWorker, SocketAddress) {
        let worker = try RunningWorker()
        var setup = WorkerSetup(
            sites: [.init(servers: [origin.address])],
            proxies: [try #require(AddressBlock(address: .ipv4(0x7f00_0001), prefixLength: 32))],
            change: change)
        if credential {
            let pair = try authority.issue("localhost")
            setup.sites[0].credential = try .init(chainPEM: pair.certificate, keyPEM: pair.key)
        }
        let listener = try WorkerSetup.listen()
        try worker.install(setup, on: listener)
        return (worker, listener.address)
    }

    private func header(_ version: ProxyVersion, client: UInt32 = 0xc000_0207) -> [UInt8] {
        var queue = ByteQueue()
        ProxyHeader(
            source: .ipv4(client, port: 5), destination: .ipv4(0xc000_0208, port: 443)
        ).append(version, to: &queue)
        return Array(copying: queue.bytes)
    }

    @Test("The client is who the header names, however the header comes", arguments: [0, 1, 2])
    func named(step: Int) throws {
        let (worker, address) = try start()
        for version in [ProxyVersion.v1, .v2] {
            let peer = try Peer(address)
            let bytes = header(version) + Array(WorkerProxyHeaderTests.ask.utf8)
            if step == 0 {
                try peer.send(bytes)
            } else {
                for start in stride(from: 0, to: bytes.count, by: step) {
                    try peer.send(Array(bytes[start..<min(start + step, bytes.count)]))
                    try worker.settle()
                }
            }
            let reply = try peer.reply()
            #expect(reply.status == 200)
            #expect(reply.body.contains("X-Forwarded-For: 192.0.2.7\r\n"))
        }
        try worker.stop()
    }

    @Test(
        "The proxy's own connections, and clients without an address, are the proxy's",
        arguments: [ProxyHeader.local, .unknown])
    func nameless(_ header: ProxyHeader) throws {
        let (worker, address) = try start()
        let peer = try Peer(address)
        var queue = ByteQueue()
        header.append(.v2, to: &queue)
        try peer.send(Array(copying: queue.bytes) + Array(WorkerProxyHeaderTests.ask.utf8))
        #expect(try peer.reply().body.contains("X-Forwarded-For: 127.0.0.1\r\n"))
        try worker.stop()
    }

    @Test("TLS begins behind the header")
    func tls() throws {
        let (worker, address) = try start(credential: true)
        for version in [ProxyVersion.v1, .v2] {
            let relay = try Peer(
                address, preamble: header(version),
                tls: .init(trusted: authority.pair.certificate), serverName: "localhost")
            try relay.send(WorkerProxyHeaderTests.ask)
            let reply = try relay.reply()
            #expect(reply.body.contains("X-Forwarded-For: 192.0.2.7\r\n"))
            #expect(reply.body.contains("X-Forwarded-Proto: https\r\n"))
        }
        try worker.stop()
    }

    @Test(
        "What is no header is closed and counted",
        arguments: [
            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}",
            "PROXY TCP4 192.0.2.7 192.0.2.8 5 443\n", "PROXY TCP4 ::1 ::1 5 443\r\n",
            "PROXY \(String(repeating: "x", count: 200))",
            "\r\n\r\n\u{0}\r\nQUIT\n\u{21}\u{21}\u{0}\u{c}123456789012",
            "\r\n\r\n\u{0}\r\nQUIT\n\u{21}\u{11}\u{7f}\u{7f}", "\r\n\r\n\u{0}\r\nQUIT\n\u{31}",
        ])
    func wrong(_ text: String) throws {
        let (worker, address) = try start()
        #expect(try Peer.isRefused(at: address, sending: text))
        #expect(try worker.sample("martlet_connections_refused_total", "proxy_header") == 1)
        #expect(origin.connectionCount == 0)
        try worker.stop()
    }

    @Test("A header that does not come in time is waited for no longer than a handshake")
    func late() throws {
        let (worker, address) = try start()
        let peer = try Peer(address)
        let bytes = header(.v2)
        for byte in bytes.dropLast() {
            try peer.send([byte])
            try worker.settle()
        }
        let timeout = TimeoutConfig().handshake
        try worker.advance(by: timeout - .seconds(1))
        #expect(!peer.hasInput(within: .milliseconds(20)))
        try worker.advance(by: .seconds(2))
        #expect(try !peer.receive())
        #expect(try worker.sample("martlet_connections_refused_total", "proxy_header") == 1)
        try worker.stop()
    }

    @Test("A client that ends before the header is closed")
    func ended() throws {
        let (worker, address) = try start()
        let peer = try Peer(address)
        try peer.send("PROXY ")
        try peer.finish()
        _ = try peer.receiveAll()
        #expect(peer.isEnded)
        try worker.stop()
    }

    @Test("Whoever is no trusted proxy is closed, whatever it says")
    func stranger() throws {
        let (worker, address) = try start()
        let peer = try Peer(address, from: Peer.neighbour)
        try? peer.send(header(.v1) + Array(WorkerProxyHeaderTests.ask.utf8))
        #expect(try peer.receiveAll() == "")
        #expect(try worker.sample("martlet_connections_refused_total", "untrusted_proxy") == 1)
        try worker.stop()
    }

    @Test("Connections are bounded by client, not by proxy")
    func perAddress() throws {
        let (worker, address) = try start { $0.connectionsPerAddress = 2 }
        let clients: [UInt32] = [1, 2, 3, 1, 2]
        var peers: [Peer] = []
        for client in clients {
            let peer = try Peer(address)
            try peer.send(
                header(.v2, client: client) + Array(WorkerProxyHeaderTests.ask.utf8))
            #expect(try peer.reply().status == 200)
            peers.append(peer)
        }
        let third = try Peer(address)
        try third.send(header(.v2, client: 1))
        #expect(try third.receiveAll() == "")
        #expect(try worker.sample("martlet_connections_refused_total", "address_limit") == 1)
        // The place of one that ends is free again.
        try peers[0].finish()
        _ = try peers[0].receiveAll()
        try worker.settle()
        let fourth = try Peer(address)
        try fourth.send(header(.v2, client: 1) + Array(WorkerProxyHeaderTests.ask.utf8))
        #expect(try fourth.reply().status == 200)
        try worker.stop()
    }
}
