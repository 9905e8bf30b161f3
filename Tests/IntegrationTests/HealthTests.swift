import Foundation
import Platform
import TestSupport
import Testing

/// Servers that are checked.
@Suite struct HealthTests {
    static let site = """
          - hosts: ["localhost"]
            certificates: [{ chain: "cert.pem", key: "cert.key" }]
            backend: api
        """

    static func backend(_ servers: [SocketAddress], _ keys: String) -> String {
        """
        workers: 2
        backends:
          api:
            servers: [\(servers.map { "\"\($0)\"" }.joined(separator: ", "))]
            \(keys)
        """
    }

    static func start(_ servers: [SocketAddress], _ keys: String) throws -> MartletInstance {
        try MartletInstance(sites: site, more: backend(servers, keys))
    }

    static let quick = "interval: 100ms, timeout: 400ms, rise: 2, fall: 2"

    private static func series(_ address: SocketAddress) -> String {
        "martlet_upstream_up{backend=\"api\",server=\"\(address)\"}"
    }

    /// Who answers a few requests.
    static func names(_ martlet: MartletInstance, _ count: Int = 12) throws -> Set<String> {
        var names: Set<String> = []
        for _ in 0..<count {
            let reply = try martlet.request("/")
            names.insert(reply.status == 200 ? reply.body : "\(reply.status)")
        }
        return names
    }

    @Test(
        "A server that fails its checks gets no request until it passes them again",
        arguments: [
            (CheckedOrigin.status(503), "it answered 503, expected 2xx or 3xx"),
            (.hangs, "it did not answer within 0.4 seconds"),
            (.closes, "it closed without an answer"), (.resets, ""),
            (.answers("SSH-2.0-x\r\n"), "its answer is not HTTP/1.1"),
            (.answers("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad"), "does not contain 'ok'"),
        ])
    func downAndUp(mode: CheckedOrigin.Mode, cause: String) throws {
        let (good, bad) = (try CheckedOrigin("ok-one"), try CheckedOrigin("ok-two"))
        let check = "health: { path: \"/health?x\", host: shop.example, body: ok, "
        let martlet = try HealthTests.start(
            [good.address, bad.address], check + HealthTests.quick + " }")
        try Patience.until("both serve") { try HealthTests.names(martlet) == ["ok-one", "ok-two"] }
        bad.health(mode)
        let line = try martlet.process.errors.wait(for: " upstream.server_down ")
        #expect(line.contains("backend=api server=\(bad.address) cause="))
        #expect(
            (cause.isEmpty || line.contains(cause))
                && line.contains("checks_failed=2 servers_up=1 servers=2"))
        #expect(try martlet.metric(HealthTests.series(bad.address)) == 0)
        #expect(try martlet.metric(HealthTests.series(good.address)) == 1)
        try martlet.wait(
            metric: "martlet_upstream_connections_active{backend=\"api\","
                + "server=\"\(bad.address)\"}"
        ) { $0 == 0 }
        let before = bad.requests
        #expect(try HealthTests.names(martlet, 30) == ["ok-one"])
        #expect(bad.requests == before)
        let status = try martlet.ask("/status").body
        #expect(status.contains("\"state\": \"down\""), "\(status)")
        bad.health(.well)
        let up = try martlet.process.errors.wait(for: " upstream.server_up ")
        #expect(up.contains("server=\(bad.address) checks_passed=2 servers_up=2 servers=2"))
        #expect(try HealthTests.names(martlet) == ["ok-one", "ok-two"])
        #expect(try martlet.metric(HealthTests.series(bad.address)) == 1)
        let head = good.lastCheck
        #expect(head.hasPrefix("GET /health?x HTTP/1.1\r\nHost: shop.example\r\n"))
        #expect(head.contains("\r\nUser-Agent: martlet/") && head.contains("Connection: close"))
        #expect(try martlet.stop() == 0)
    }

    @Test("The first check decides alone, and checks that hang do not keep an instance from ending")
    func first() throws {
        let (good, bad) = (try CheckedOrigin("one"), try CheckedOrigin("two"))
        bad.health(CheckedOrigin.status(500))
        let martlet = try HealthTests.start(
            [good.address, bad.address], "health: { path: /health, interval: 1h, timeout: 1m }")
        let line = try martlet.process.errors.wait(for: " upstream.server_down ")
        #expect(line.contains("checks_failed=1"))
        #expect(try HealthTests.names(martlet) == ["one"])
        try Patience.until("a check of both") { good.checks == 1 && bad.checks == 1 }
        good.health(.hangs)
        let text = try martlet.folder.read("martlet.yaml")
        try martlet.folder.write(
            text.replacingOccurrences(of: "/health,", with: "/healthy,"), to: "martlet.yaml")
        try martlet.reload()
        try Patience.until("a check that hangs") { good.checks == 2 }
        #expect(try martlet.stop() == 0)
    }

    @Test("A reload goes on with what is known, and checks nobody who is gone")
    func reload() throws {
        let origins = try (1...3).map { try CheckedOrigin("\($0)") }
        let addresses = origins.map(\.address)
        let keys = "health: { path: /health, \(HealthTests.quick) }"
        let martlet = try HealthTests.start(addresses, keys)
        origins[0].health(CheckedOrigin.status(500))
        try martlet.process.errors.wait(for: " upstream.server_down ")
        try martlet.folder.write(
            MartletInstance.text(
                sites: HealthTests.site,
                more: HealthTests.backend([addresses[0], addresses[1]], keys)),
            to: "martlet.yaml")
        try martlet.reload()
        #expect(try HealthTests.names(martlet) == ["2"])
        // One may have been under way.
        let before = origins[2].checks + 1
        let others = origins[1].checks
        try Patience.until("checks of others") { origins[1].checks > others + 5 }
        #expect(origins[2].checks <= before)
        #expect(martlet.process.errors.all.filter { $0.contains(".server_down ") }.count == 1)
        try martlet.folder.write(
            MartletInstance.text(
                sites: HealthTests.site, more: HealthTests.backend(addresses, "health: off")),
            to: "martlet.yaml")
        try martlet.reload()
        try Patience.until("all serve") { try HealthTests.names(martlet) == ["1", "2", "3"] }
        #expect(try martlet.stop() == 0)
    }

    @Test("nginx stops and starts again, and no request fails while it is known to be down")
    func nginx() throws {
        let (folder, other) = (try TemporaryFolder(), try TemporaryFolder())
        let steady = try Nginx(in: other)
        var nginx: Nginx? = try Nginx(in: folder)
        let address = try #require(nginx?.address)
        for place in [folder, other] { try place.write("here", to: "www/index.html") }
        let martlet = try HealthTests.start(
            [steady.address, address], "health: { body: here, \(HealthTests.quick) }")
        let passed =
            "martlet_health_checks_total{backend=\"api\",server=\"\(address)\","
            + "result=\"passed\"}"
        try martlet.wait(metric: passed) { $0 > 2 }
        nginx = nil
        let line = try martlet.process.errors.wait(for: " upstream.server_down ")
        #expect(line.contains("it cannot be connected to: Connection refused"), "\(line)")
        let crowd = try Crowd(martlet, clients: 20)
        nginx = try Nginx(in: folder, listen: "", at: address)
        try martlet.process.errors.wait(for: " upstream.server_up ")
        let series =
            "martlet_upstream_requests_total{backend=\"api\",server=\"\(address)\"}"
        let before = try martlet.metric(series)
        try martlet.wait(metric: series, atMost: 60) { $0 > before + 20 }
        let outcome = crowd.stop()
        #expect(outcome.failures.isEmpty, "\(outcome.failures.prefix(3))")
        nginx = nil
    }

    @Test("A check of type tcp connects, by a port of its own too")
    func tcp() throws {
        let (good, bad) = (try CheckedOrigin("one"), try CheckedOrigin("two"))
        bad.health(.closes)
        let martlet = try HealthTests.start(
            [good.address, bad.address], "health: { type: tcp, \(HealthTests.quick) }")
        try martlet.wait(
            metric: "martlet_health_checks_total{backend=\"api\",server=\"\(bad.address)\","
                + "result=\"passed\"}"
        ) { $0 > 3 }
        #expect(bad.checks == 0)
        #expect(!martlet.process.errors.text.contains("server_down"))
        let closed = try SocketAddress.vacantPort()
        let text = try martlet.folder.read("martlet.yaml")
        try martlet.folder.write(
            text.replacingOccurrences(of: "type: tcp,", with: "type: tcp, port: \(closed),"),
            to: "martlet.yaml")
        try martlet.reload()
        try martlet.process.errors.wait(for: " upstream.server_down ", count: 2)
        #expect(martlet.process.errors.text.contains("Connection refused"))
    }

    @Test("Where too few are well, all are used, if the configuration says so")
    func panic() throws {
        let (one, two) = (try CheckedOrigin("one"), try CheckedOrigin("two"))
        for origin in [one, two] { origin.health(CheckedOrigin.status(500)) }
        let martlet = try HealthTests.start(
            [one.address, two.address],
            "panic_threshold: 51\n    health: { path: /health, \(HealthTests.quick) }")
        try martlet.process.errors.wait(for: " upstream.server_down ", count: 2)
        let line = try martlet.process.errors.wait(for: " upstream.panic ")
        #expect(line.contains("backend=api state=begun"))
        try Patience.until("both serve") { try HealthTests.names(martlet) == ["one", "two"] }
        #expect(try martlet.metric("martlet_upstream_panic{backend=\"api\"}") == 1)
        for origin in [one, two] { origin.health(.well) }
        try martlet.process.errors.wait(for: "state=over")
        #expect(try HealthTests.names(martlet) == ["one", "two"])
    }

    @Test("Where all servers are down clients get 503 at once, and are served again after")
    func allDown() throws {
        let (one, two) = (try CheckedOrigin("one"), try CheckedOrigin("two"))
        let martlet = try HealthTests.start(
            [one.address, two.address], "health: { path: /health, \(HealthTests.quick) }")
        for origin in [one, two] { origin.health(CheckedOrigin.status(500)) }
        let line = try martlet.process.errors.wait(for: " upstream.server_down ", count: 2)
        #expect(line.contains(" error upstream.server_down ") && line.contains("servers_up=0"))
        let before = one.requests + two.requests
        #expect(try HealthTests.names(martlet) == ["503"])
        #expect(one.requests + two.requests == before)
        one.health(.well)
        try martlet.process.errors.wait(for: " upstream.server_up ")
        #expect(try HealthTests.names(martlet) == ["one"])
    }

    /// Checks come once an hour: whoever is served after the start of a server owes it to a try.
    @Test(
        "Where nobody listened in the last check of any server, a request tries again",
        arguments: [false, true])
    func refused(byOtherPort: Bool) throws {
        let addresses = try (1...3).map { _ in try SocketAddress.vacant() }
        let port = byOtherPort ? "port: \(try SocketAddress.vacantPort()), " : ""
        let martlet = try HealthTests.start(
            addresses, "health: { path: /health, \(port)interval: 1h, timeout: 1m }")
        try martlet.process.errors.wait(for: " upstream.server_down ", count: 3)
        #expect(try HealthTests.names(martlet) == ["503"])
        let origin = try CheckedOrigin("back", at: addresses[1])
        // A refusal at another port says nothing of where requests go.
        #expect(try HealthTests.names(martlet) == [byOtherPort ? "503" : "back"])
        #expect(origin.requests == (byOtherPort ? 0 : 12) && origin.checks == 0)
        #expect(try martlet.stop() == 0)
    }

    @Test("Hundreds of servers are checked by one thread, also where all of them hang")
    func many() throws {
        let origin = try CheckedOrigin("all", at: .ipv4(0, port: 0))
        let addresses = (0..<300).map { number in
            SocketAddress.ipv4(0x7f00_0101 + UInt32(number), port: origin.address.port ?? 0)
        }
        let martlet = try HealthTests.start(
            addresses, "health: { path: /health, interval: 1s, timeout: 10s, fall: 1 }")
        try Patience.until("two checks of each") { origin.checks >= 600 }
        #expect(!martlet.process.errors.text.contains("server_down"))
        #expect(try martlet.metric("process_threads") < 20)
        origin.health(CheckedOrigin.status(503))
        try martlet.process.errors.wait(for: " upstream.server_down ", count: 300, atMost: 60)
        #expect(martlet.process.errors.text.contains("servers_up=0 servers=300"))
        origin.health(.hangs)
        let before = origin.checks
        try Patience.until("all hang") { origin.checks >= before + 300 }
        #expect(try martlet.metric("process_threads") < 20)
        #expect(try martlet.stop() == 0)
    }
}
