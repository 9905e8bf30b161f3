import Config
import HTTP
import Platform
import TLS
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

    /// What the header of a proxy in front says beyond addresses.
    private static let told: [UInt8] =
        [1, 0, 2] + Array("h2".utf8) + [2, 0, 4] + Array("told".utf8)
        + [0x20, 0, 9, 1, 0, 0, 0, 0, 0x26, 0, 1, 88] + opaque
    private static let opaque: [UInt8] = [5, 0, 2, 7, 8, 0x30, 0, 1, 65, 0xea, 0, 2, 1, 118]

    /// Every byte that a server gets about a client whom a proxy in front has named.
    @Test(
        "A server is told what the proxy in front has told, as far as it is about this TLS",
        arguments: [(false, ProxyVersion.v2), (true, .v2), (true, .v2Certificate), (false, .v1)])
    func told(isTLS: Bool, version: ProxyVersion) throws {
        let origin = try Origin { connection in
            var bytes = connection.read(bytes: 16)
            if version == .v1 {
                bytes += Array(connection.read(until: "\r\n").utf8)
            } else {
                bytes += connection.read(bytes: Int(bytes[14]) << 8 | Int(bytes[15]))
            }
            _ = connection.readHead()
            let text = bytes.map { "\($0)" }.joined(separator: " ")
            connection.send(head("HTTP/1.1 200 OK", "Content-Length: \(text.utf8.count)") + text)
        }
        let authority = try TestAuthority()
        let pair = try authority.issue("localhost")
        var site = WorkerSetup.Site(servers: [origin.address], proxyHeader: version)
        if isTLS { site.credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key) }
        let worker = try RunningWorker()
        var setup = WorkerSetup(sites: [site])
        setup.proxies = [try #require(AddressBlock(address: .ipv4(0x7f00_0001), prefixLength: 32))]
        let listener = try WorkerSetup.listen()
        try worker.install(setup, on: listener)
        let addresses: [UInt8] = [192, 0, 2, 7, 192, 0, 2, 8, 0, 5, 1, 187]
        let sent = Self.header(addresses + [4, 0, 1, 0] + Self.told)
        let client = try TLSClientContext(trusted: authority.pair.certificate)
        let peer =
            isTLS
            ? try Peer(listener.address, preamble: sent, tls: client, serverName: "localhost")
            : try Peer(listener.address)
        if !isTLS { try peer.send(sent) }
        try peer.send(WorkerIntroductionTests.ask)
        let body = try peer.reply().body
        var expected = Self.header(addresses + Self.told)
        if version == .v1 {
            expected = Array("PROXY TCP4 192.0.2.7 192.0.2.8 5 443\r\n".utf8)
        } else if isTLS {
            expected = Self.header(
                addresses + Self.value(2, "localhost")
                    + Self.value(0x20, [1, 0, 0, 0, 1] + Self.ours(version)) + Self.opaque)
        }
        #expect(body == expected.map { "\($0)" }.joined(separator: " "))
        try worker.stop()
    }

    /// What is said of TLS with a key on P-256, which an authority with such a key has signed.
    private static func ours(_ version: ProxyVersion) -> [UInt8] {
        let session = value(0x21, "TLSv1.3") + value(0x23, "TLS_AES_128_GCM_SHA256")
        guard version == .v2Certificate else { return session }
        return session + value(0x24, "ecdsa-with-SHA256") + value(0x25, "EC256")
    }

    private static func value(_ code: UInt8, _ text: String) -> [UInt8] {
        value(code, Array(text.utf8))
    }

    private static func value(_ code: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        [code, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)] + bytes
    }

    /// A header of version 2 about IPv4 addresses.
    private static func header(_ rest: [UInt8]) -> [UInt8] {
        [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10, 0x21] + value(0x11, rest)
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
