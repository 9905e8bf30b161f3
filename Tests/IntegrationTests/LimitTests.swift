import Foundation
import Platform
import TestSupport
import Testing

/// Each limit stops the client that reaches it, is counted, and is felt by nobody else.
@Suite struct LimitTests {
    static let plain = "  - { address: \"127.0.0.1:0\", tls: false }\n"
    static let request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

    private func start(
        _ limits: String, listeners: String = MartletInstance.tlsListener, more: String = "",
        _ script: @escaping @Sendable (OriginConnection) throws -> Void = { $0.echo() }
    ) throws -> MartletInstance {
        let origin = try Origin(script)
        return try MartletInstance(
            sites: MartletInstance.site(origin.address), listeners: listeners,
            more: "limits: { \(limits) }\n\(more)", keeping: origin)
    }

    private func ask(_ peer: Peer) throws -> Reply {
        try peer.send(LimitTests.request)
        return try peer.reply()
    }

    /// Checks that a limit was counted, that a line tells of the address if it is one of an
    /// address, and that a client from another address is served.
    private func check(
        _ martlet: MartletInstance, _ limit: String, isTold: Bool = true, isPlain: Bool = false
    ) throws {
        try martlet.wait(
            metric: "martlet_limits_total{listener=\"127.0.0.1:0\",limit=\"\(limit)\"}"
        ) { $0 >= 1 }
        if isTold {
            let line = try martlet.process.errors.wait(for: " client.limited limit=\(limit) ")
            #expect(line.contains(" client=127.0.0.1:"))
        }
        for _ in 0..<2 {
            let peer =
                isPlain
                ? try Peer(martlet.address, from: Peer.neighbour)
                : try martlet.connect(from: Peer.neighbour)
            #expect(try ask(peer).status == 200)
        }
    }

    /// Repeats something until it says that the limit was reached: a slow machine takes longer.
    private func untilLimited(_ attempt: () throws -> Bool) throws {
        for _ in 0..<10_000 where try attempt() { return }
        throw TestFailure("the limit was never reached")
    }

    @Test("Connections beyond the rate of an address are closed without an answer")
    func connectionRate() throws {
        let martlet = try start(
            "connection_rate: { per_second: 5, burst: 10 }", listeners: LimitTests.plain)
        try untilLimited {
            try Peer.isRefused(at: martlet.address, sending: LimitTests.request)
        }
        try check(martlet, "connection_rate", isPlain: true)
    }

    @Test("Handshakes beyond the rate of an address are not begun")
    func handshakeRate() throws {
        let martlet = try start("handshake_rate: { per_second: 2, burst: 4 }")
        try untilLimited { (try? martlet.connect()) == nil }
        try check(martlet, "handshake_rate")
        let handshakes = try martlet.metric(
            "martlet_tls_handshakes_total{listener=\"127.0.0.1:0\",version=\"TLSv1.3\","
                + "resumption=\"full\"}")
        #expect(handshakes >= 4)
    }

    @Test("Requests beyond the rate of a route get 429, those of other routes do not")
    func requestRate() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    certificates: [{ chain: "cert.pem", key: "cert.key" }]
                    routes:
                      - path: "/"
                        backend: "http://\(origin.address)"
                        request_rate: { per_second: 2, burst: 5 }
                      - { path: "/free/", backend: "http://\(origin.address)" }
                """, keeping: origin)
        let peer = try martlet.connect()
        try untilLimited {
            let reply = try ask(peer)
            if reply.status == 200 { return false }
            #expect(reply.status == 429)
            #expect(reply.field("Retry-After") == "1")
            #expect(reply.body == "429 Too Many Requests\nThis address asks too often.\n")
            return true
        }
        try peer.send("GET /free/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try peer.reply().status == 200)
        try check(martlet, "request_rate")
    }

    /// An instance whose only route takes one request a second of an address in the long run.
    private func startRated(burst: Int, more: String = "") throws -> MartletInstance {
        let origin = try Origin { $0.echo() }
        return try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    routes:
                      - path: "/"
                        backend: "http://\(origin.address)"
                        request_rate: { per_second: 1, burst: \(burst) }
                """, listeners: LimitTests.plain, more: more, keeping: origin)
    }

    @Test("A reload forgets nothing of what an address has used of its rate")
    func rateOverReload() throws {
        let martlet = try startRated(burst: 20)
        let begun = MonotonicTime.now()
        var served = 0
        for _ in 0..<10 {
            served += try (0..<10).count { _ in try ask(Peer(martlet.address)).status == 200 }
            try martlet.reload()
        }
        let seconds = Int((MonotonicTime.now() - begun).components.seconds) + 1
        #expect(served >= 20 && served <= 20 + seconds, "\(served) in \(seconds) s")
    }

    @Test("Several workers hold an address to one rate together")
    func workers() throws {
        let martlet = try startRated(burst: 8, more: "workers: 4")
        let begun = MonotonicTime.now()
        let statuses = try (0..<40).map { _ in try ask(Peer(martlet.address)).status }
        let seconds = Int((MonotonicTime.now() - begun).components.seconds) + 1
        let served = statuses.count { $0 == 200 }
        #expect(served >= 8 && served <= 8 + seconds, "\(served) in \(seconds) s")
        #expect(statuses.allSatisfy { $0 == 200 || $0 == 429 })
    }

    @Test("Too many fields, too long a head and too large a body are counted")
    func sizes() throws {
        let martlet = try start("request_fields: 5, request_head: 1KiB, request_body: 3")
        let long = String(repeating: "a", count: 2_000)
        let many = String(repeating: "A: b\r\n", count: 5)
        for (fields, status, limit) in [
            ("A: \(long)\r\n", 431, "request_head"), (many, 431, "request_fields"),
            ("Content-Length: 4\r\n", 413, "request_body"),
        ] {
            let reply = try martlet.request("/", fields: fields, body: "abcd")
            #expect(reply.status == status)
            try check(martlet, limit, isTold: false)
        }
    }

    @Test("Slow heads, bodies and readers are counted")
    func slow() throws {
        let martlet = try start(
            "minimum_rate: 1KiB", more: DeadlineTests.short
        ) { connection in
            while let head = connection.readHead() {
                if head.contains("POST /") {
                    _ = connection.readToEnd()
                    return
                }
                if head.contains("GET /large") {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
                    let piece = [UInt8](repeating: 120, count: 65_536)
                    for _ in 0..<1_000 { connection.send(piece) }
                    return
                }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
        let head = try martlet.connect()
        try head.send("GET / HTTP/1.1\r\n")
        #expect(try head.reply().status == 408)
        try check(martlet, "slow_head", isTold: false)
        let body = try martlet.connect()
        try body.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\npart")
        #expect(try body.reply().status == 408)
        try check(martlet, "slow_body", isTold: false)
        let reader = try martlet.connect()
        try reader.send("GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try check(martlet, "slow_reader", isTold: false)
        _ = reader
    }

    @Test("A connection is closed in good order after its last request, and that is counted")
    func requestsPerConnection() throws {
        let martlet = try start("requests_per_connection: 2")
        let peer = try martlet.connect()
        for _ in 0..<2 { #expect(try ask(peer).status == 200) }
        #expect(try peer.receiveAll() == "")
        #expect(peer.isCleanlyClosed)
        try check(martlet, "requests_per_connection", isTold: false)
    }

    @Test("KeyUpdates may come between requests, and not in rows")
    func keyUpdates() throws {
        let martlet = try start("key_updates: 3")
        let peer = try martlet.connect()
        for _ in 0..<6 {
            try peer.updateKeys()
            #expect(try ask(peer).status == 200)
        }
        for _ in 0..<3 { try? peer.updateKeys() }
        _ = try? peer.receiveAll()
        #expect(!peer.isCleanlyClosed)
        try check(martlet, "key_updates")
    }

    @Test("A flood of records of one byte ends the connection; an upload in small pieces does not")
    func tinyRecords() throws {
        let martlet = try start("tiny_records: 1000")
        let good = try martlet.connect()
        try good.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 64000\r\n\r\n")
        for _ in 0..<1_000 { try good.send([UInt8](repeating: 97, count: 64)) }
        #expect(try good.reply().status == 200)
        let bad = try martlet.connect()
        try bad.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n")
        try untilLimited {
            do {
                for _ in 0..<1_000 { try bad.send("a") }
                return false
            } catch { return true }
        }
        try check(martlet, "tiny_records")
    }
}
