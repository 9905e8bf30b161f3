import Foundation
import Platform
import TestSupport
import Testing

/// Checks of servers that speak HTTP/2 in cleartext.
@Suite struct HealthStreamTests {
    private static let quick = "interval: 100ms, timeout: 5s, rise: 2, fall: 2"

    private static func start(_ servers: [SocketAddress], _ check: String) throws -> MartletInstance
    {
        try HealthTests.start(servers, "protocol: h2c\n    health: { \(check), \(quick) }")
    }

    /// nghttpd with the files of a folder.
    private static func nghttpd(
        _ folder: TemporaryFolder, _ port: UInt16
    ) throws -> RunningProcess {
        let server = try RunningProcess(
            "nghttpd", ["--no-tls", "-a", "127.0.0.1", "-d", folder.path, "\(port)"])
        let address = SocketAddress.ipv4(0x7f00_0001, port: port)
        try Patience.until("nghttpd") { (try? Peer(address)) != nil }
        return server
    }

    @Test("A server of HTTP/2 that goes away or is ill gets no request until it is back")
    func downAndUp() throws {
        let folder = try TemporaryFolder()
        let files = try TemporaryFolder()
        let nginx = try Nginx(in: folder, isHTTP2: true)
        for path in [folder.path("www"), files.path] {
            try Data("all is well".utf8).write(to: URL(fileURLWithPath: "\(path)/health"))
        }
        try Data("nginx".utf8).write(to: URL(fileURLWithPath: folder.path("www/who")))
        try files.write("nghttpd", to: "who")
        let port = try SocketAddress.vacantPort()
        let second = SocketAddress.ipv4(0x7f00_0001, port: port)
        var server = try HealthStreamTests.nghttpd(files, port)
        let martlet = try HealthStreamTests.start(
            [nginx.address, second], "path: /health, body: is well")
        func names() throws -> Set<String> {
            Set(try (0..<12).map { _ in try martlet.request("/who").body })
        }
        try Patience.until("both serve") { try names() == ["nginx", "nghttpd"] }
        server.signal(SIGKILL)
        _ = try server.wait(atMost: 20)
        let gone = try martlet.process.errors.wait(for: " upstream.server_down ")
        #expect(gone.contains("server=\(second)") && gone.contains("cannot be connected to"))
        #expect(try names() == ["nginx"])
        server = try HealthStreamTests.nghttpd(files, port)
        let back = try martlet.process.errors.wait(for: " upstream.server_up ")
        #expect(back.contains("server=\(second) checks_passed=2 servers_up=2 servers=2"))
        #expect(try names() == ["nginx", "nghttpd"])
        try FileManager.default.removeItem(atPath: folder.path("www/health"))
        let ill = try martlet.process.errors.wait(for: " upstream.server_down ", count: 2)
        #expect(ill.contains("server=\(nginx.address)"), "\(ill)")
        #expect(ill.contains("it answered 404, expected 2xx or 3xx"), "\(ill)")
        #expect(try names() == ["nghttpd"])
        try Data("all".utf8).write(to: URL(fileURLWithPath: folder.path("www/health")))
        try martlet.wait(
            metric: "martlet_health_checks_total{backend=\"api\",server=\"\(nginx.address)\","
                + "result=\"body\"}"
        ) { $0 > 0 }
        try Data("all is well".utf8).write(to: URL(fileURLWithPath: folder.path("www/health")))
        try martlet.process.errors.wait(for: " upstream.server_up ", count: 2)
        #expect(try names() == ["nginx", "nghttpd"])
        #expect(try martlet.stop() == 0)
        withExtendedLifetime(server) {}
    }

    @Test("A server that speaks HTTP/1.1 only is down, with the reason")
    func wrongProtocol() throws {
        let folder = try TemporaryFolder()
        let nginx = try Nginx(in: folder)
        let martlet = try HealthStreamTests.start([nginx.address], "path: /")
        let line = try martlet.process.errors.wait(for: " upstream.server_down ")
        #expect(line.contains("it speaks HTTP/1, not HTTP/2"), "\(line)")
    }

    @Test("A server of gRPC is asked how its services are")
    func grpc() throws {
        let states = try TemporaryFolder()
        for name in ["all", "shop.Cart"] { try states.write("1", to: name) }
        let servers = try (0..<2).map { _ in try GRPCPeers.server(states: states.path) }
        let addresses = servers.map { SocketAddress.ipv4(0x7f00_0001, port: UInt16($0.1) ?? 0) }
        let martlet = try HealthStreamTests.start(addresses, "type: grpc, service: shop.Cart")
        for address in addresses {
            try martlet.wait(
                metric: "martlet_health_checks_total{backend=\"api\",server=\"\(address)\","
                    + "result=\"passed\"}"
            ) { $0 > 2 }
        }
        try states.write("2", to: "shop.Cart")
        let line = try martlet.process.errors.wait(for: " upstream.server_down ", count: 2)
        #expect(line.contains("it says NOT_SERVING, expected SERVING"), "\(line)")
        try states.write("1", to: "shop.Cart")
        try martlet.process.errors.wait(for: " upstream.server_up ", count: 2)
        servers[0].0.signal(SIGKILL)
        let gone = try martlet.process.errors.wait(for: " upstream.server_down ", count: 3)
        #expect(gone.contains("server=\(addresses[0])"), "\(gone)")
        #expect(gone.contains("cannot be connected to"), "\(gone)")
        let all = try HealthStreamTests.start([addresses[1]], "type: grpc")
        try all.wait(
            metric: "martlet_health_checks_total{backend=\"api\",server=\"\(addresses[1])\","
                + "result=\"passed\"}"
        ) { $0 > 2 }
        let other = try HealthStreamTests.start([addresses[1]], "type: grpc, service: a.B")
        let unknown = try other.process.errors.wait(for: " upstream.server_down ")
        #expect(unknown.contains("it knows no service 'a.B'"), "\(unknown)")
    }
}
