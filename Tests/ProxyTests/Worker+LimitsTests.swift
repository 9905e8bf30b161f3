import Config
import Foundation
import Platform
import TLS
import Telemetry
import TestSupport
import Testing

@testable import Proxy

/// What a client may do so often, so fast or so slowly, and no more. The clock is the worker's own.
@Suite("Worker+Limits", .serialized)
struct WorkerLimitsTests {
    static let long = String(repeating: "a", count: 70_000)
    static let get = head("GET / HTTP/1.1", "Host: localhost")

    /// A limit of one token a second.
    private static func limit(_ burst: Int) throws -> RateLimit {
        try #require(RateLimit(RateConfig(perSecond: 1, burst: burst), name: "test"))
    }

    /// Starts a worker that serves one site with TLS.
    private func secure(
        _ origin: Origin, change: @escaping (inout RuntimeSettings) -> Void
    ) throws -> (worker: RunningWorker, address: SocketAddress, context: TLSClientContext) {
        let authority = try TestAuthority()
        let pair = try authority.issue("localhost")
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        let site = WorkerSetup.Site(credential: credential, servers: [origin.address])
        try worker.install(WorkerSetup(sites: [site], change: change), on: listener)
        let context = try TLSClientContext(trusted: authority.pair.certificate)
        return (worker, listener.address, context)
    }

    @Test("An address connects at its rate; what is beyond is closed, and costs nobody else")
    func connectionRate() throws {
        let origin = try Origin { $0.echo() }
        let limit = try WorkerLimitsTests.limit(3)
        let (worker, address) = try RunningWorker.plain(origin.address) {
            $0.connectionRate = limit
            $0.rates = RateBuckets()
        }
        for _ in 0..<3 {
            let peer = try Peer(address)
            try peer.send(WorkerLimitsTests.get)
            #expect(try peer.reply().status == 200)
        }
        for _ in 0..<2 { #expect(try Peer.isRefused(at: address)) }
        #expect(try worker.limits("connection_rate") == 2)
        #expect(try worker.sample("martlet_connections_refused_total", "address_rate") == 2)
        let other = try Peer(address, from: Peer.neighbour)
        try other.send(WorkerLimitsTests.get)
        #expect(try other.reply().status == 200)
        try worker.advance(by: .seconds(1))
        let later = try Peer(address)
        try later.send(WorkerLimitsTests.get)
        #expect(try later.reply().status == 200)
        try worker.stop()
    }

    @Test("An address begins handshakes at its rate; silent connections are not counted")
    func handshakeRate() throws {
        let origin = try Origin { $0.echo() }
        let limit = try WorkerLimitsTests.limit(2)
        let (worker, address, context) = try secure(origin) {
            $0.handshakeRate = limit
            $0.rates = RateBuckets()
        }
        let silent = try (0..<3).map { _ in try Peer(address) }
        try worker.waitForConnections(3)
        let peers = try (0..<2).map { _ in
            try Peer(address, tls: context, serverName: "localhost")
        }
        #expect(throws: TestFailure.self) {
            try Peer(address, tls: context, serverName: "localhost")
        }
        #expect(try worker.limits("handshake_rate") == 1)
        #expect(worker.registry.totals().handshakes == 2)
        for peer in peers {
            try peer.send(WorkerLimitsTests.get)
            #expect(try peer.reply().status == 200)
        }
        try worker.advance(by: .seconds(1))
        _ = try Peer(address, tls: context, serverName: "localhost")
        _ = silent
        try worker.stop()
    }

    @Test("A route answers an address at its rate, then says when to come again")
    func requestRate() throws {
        let origin = try Origin { $0.echo() }
        let limit = try WorkerLimitsTests.limit(2)
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        var site = WorkerSetup.Site(servers: [origin.address])
        site.requestRate = limit
        try worker.install(
            WorkerSetup(sites: [site]) { $0.rates = RateBuckets() }, on: listener)
        let peer = try Peer(listener.address)
        func ask(_ peer: Peer) throws -> Reply {
            try peer.send(WorkerLimitsTests.get)
            return try peer.reply()
        }
        #expect(try (0..<2).map { _ in try ask(peer).status } == [200, 200])
        try worker.advance(by: .milliseconds(1))
        for _ in 0..<2 {
            let refused = try ask(peer)
            #expect(refused.status == 429)
            #expect(refused.field("Retry-After") == "1")
        }
        #expect(try ask(Peer(listener.address)).status == 429)
        #expect(try ask(Peer(listener.address, from: Peer.neighbour)).status == 200)
        #expect(try worker.limits("request_rate") == 3)
        try worker.advance(by: .seconds(1))
        #expect(try ask(peer).status == 200)
        try worker.stop()
    }

    /// A head without TLS that was cut at its limit stood in the buffer, which was as large, until
    /// its time was up: 408 in place of 431.
    @Test("Requests on a connection, heads and bodies are counted where they end")
    func counted() throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(origin.address) {
            $0.requestsPerConnection = 2
            $0.requestBodyLimit = 3
        }
        for (request, status, limit) in [
            (head("GET /\(WorkerLimitsTests.long) HTTP/1.1"), 414, "request_head"),
            (
                head("GET / HTTP/1.1", "Host: localhost", "A: " + WorkerLimitsTests.long), 431,
                "request_head"
            ),
            (
                head(
                    "GET / HTTP/1.1",
                    "Host: localhost" + String(repeating: "\r\nA: b", count: 100)), 431,
                "request_fields"
            ),
            (
                head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 4") + "abcd", 413,
                "request_body"
            ),
        ] {
            let before = try worker.limits(limit)
            let peer = try Peer(address)
            try? peer.send(request)
            #expect(try peer.reply().status == status)
            try worker.settle()
            #expect(try worker.limits(limit) == before + 1)
        }
        let peer = try Peer(address)
        for _ in 0..<2 {
            try peer.send(WorkerLimitsTests.get)
            #expect(try peer.reply().status == 200)
        }
        #expect(try peer.receiveAll() == "")
        #expect(try worker.limits("requests_per_connection") == 1)
        try worker.stop()
    }

    @Test("A slow head and a slow body are counted apart")
    func slow() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let first = try Peer(address)
        try first.send("GET / HTTP/1.1\r\n")
        let second = try Peer(address)
        try second.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 9") + "a")
        try worker.waitForServer(origin.address, active: 1, idle: 0)
        try worker.waitForConnections(2)
        try worker.settle()
        try worker.advance(by: TimeoutConfig().requestHead + .seconds(1))
        #expect(try first.reply().status == 408)
        try worker.advance(by: TimeoutConfig().requestBody + .seconds(1))
        #expect(try second.reply().status == 408)
        #expect(try worker.limits("slow_head") == 1)
        #expect(try worker.limits("slow_body") == 1)
        try worker.stop()
    }

    @Test(
        "A connection may send so many tiny records in a second, and no more",
        arguments: [(9, true), (10, true), (11, false)])
    func tinyRecords(count: Int, isServed: Bool) throws {
        let origin = try Origin { $0.echo() }
        let (worker, address, context) = try secure(origin) { $0.tinyRecords = 10 }
        let peer = try Peer(address, tls: context, serverName: "localhost")
        try worker.settle()
        let head = Array("GET / HTTP/1.1\r\nHost: localhost\r\nA: ".utf8)
        try peer.send(head + [UInt8](repeating: 97, count: 64))
        for _ in 0..<count - 1 { try peer.send("b") }
        try? peer.send("\r\n\r\n")
        if isServed {
            #expect(try peer.reply().status == 200)
            // The second is over, and with it the count.
            try worker.advance(by: .seconds(1))
            for byte in "GET / HTTP" { try peer.send("\(byte)") }
            try peer.send(
                "/1.1\r\nHost: localhost\r\nA: \(String(repeating: "a", count: 64))\r\n\r\n")
            #expect(try peer.reply().status == 200)
        } else {
            _ = try? peer.receiveAll()
            #expect(!peer.isCleanlyClosed)
        }
        #expect(try worker.limits("tiny_records") == (isServed ? 0 : 1))
        try worker.stop()
    }

    @Test("The minimum rate is what is configured; without one any byte is enough")
    func minimumRate() throws {
        let origin = try Origin { $0.echo() }
        for (rate, bytes, earned) in [
            (100, 100, Duration.seconds(1)), (100, 0, .zero), (1_000, 100, .milliseconds(100)),
            (nil, 1, .seconds(8 * 86_400)), (nil, 0, .zero),
        ] as [(Int?, Int, Duration)] {
            let driven = try DrivenWorker(origin.address) { $0.minimumRate = rate }
            let snapshot = try #require(driven.worker.installed?.snapshot)
            #expect(driven.worker.earned(bytes, snapshot) == earned)
        }
    }
}
