import Config
import Platform
import Proxy
import TLS
import Telemetry
import TestSupport
import Testing

@testable import Server

struct SnapshotBuilderTests {
    private let folder: TemporaryFolder
    private let authority: TestAuthority
    private let config: ProxyConfig

    init() throws {
        folder = try TemporaryFolder()
        authority = try TestAuthority()
        try TestAuthority.write(
            authority.completed(try authority.issue("localhost", "*.a.example")), as: "cert",
            in: folder)
        var config = ProxyConfig()
        config.listeners = [ListenerConfig(addresses: [.ip(host: "127.0.0.1", port: 8443)])]
        config.sites = [
            SiteConfig(
                hosts: ["localhost"],
                certificates: [
                    CertificatePair(chain: folder.path("cert.pem"), key: folder.path("cert.key"))
                ], routes: [RouteConfig(path: "/", backend: 0)])
        ]
        config.backends = [BackendConfig(name: "b", servers: [server("127.0.0.1", 9)])]
        self.config = config
    }

    private func build(
        _ config: ProxyConfig, workers: Int = 1, connectionLimit: Int = 1000,
        now: WallTime = WallTime.now()
    ) throws -> SnapshotBuilder.Outcome {
        var builder = SnapshotBuilder(file: "m.yaml", registry: MetricsRegistry())
        // No name is known.
        builder.discovery = try FakeNames().discovery()
        let surroundings = SnapshotBuilder.Surroundings(
            generation: 7, workers: workers, connectionLimit: connectionLimit, now: now,
            ticketKeys: try TicketKeys())
        return builder.build(config, surroundings) { _ in }
    }

    @Test("What is configured is in the snapshot")
    func whole() throws {
        let outcome = try build(config)
        #expect(outcome.diagnostics.isEmpty, "\(outcome.diagnostics)")
        let snapshot = try #require(outcome.snapshot)
        #expect(snapshot.generation == 7)
        #expect(snapshot.listeners.map(\.address) == [.ipv4(0x7f00_0001, port: 8443)])
        #expect(snapshot.listeners[0].tls != nil)
        #expect(snapshot.listeners[0].redirectPort == nil)
        #expect(snapshot.groups.map(\.name) == ["b"])
        #expect(snapshot.sites.count == 1)
        #expect(outcome.certificates.map(\.count) == [1])
    }

    @Test(
        "Each worker takes its share of the connections, rounded up, and of half for one address",
        arguments: [
            (nil, nil, 1, 1000, 500), (nil, nil, 2, 500, 250), (nil, nil, 3, 334, 167),
            (100, nil, 4, 25, 13), (100, 10, 4, 25, 3), (1, nil, 2, 1, 1), (2, 1, 1, 2, 1),
        ] as [(Int?, Int?, Int, Int, Int)])
    func shares(total: Int?, address: Int?, workers: Int, each: Int, eachAddress: Int) throws {
        var config = config
        config.limits.connections = total
        config.limits.connectionsPerAddress = address
        let settings = try #require(try build(config, workers: workers).snapshot).settings
        #expect(settings.connectionsPerWorker == each)
        #expect(settings.connectionsPerAddress == eachAddress)
    }

    @Test("Rates have buckets where there are any, and each build finds the same ones")
    func rates() throws {
        var config = config
        #expect(try #require(try build(config).snapshot).settings.rates == nil)
        config.sites[0].routes[0].requestRate = RateConfig(perSecond: 1, burst: 1)
        config.limits.connectionRate = RateConfig(perSecond: 2, burst: 2)
        let first = try #require(try build(config).snapshot)
        let path = first.sites[0].routes.route(Array("/".utf8).span)
        let limit = try #require(path?.requestRate)
        #expect(limit != first.settings.connectionRate)
        #expect(first.settings.handshakeRate == nil)
        let second = try #require(try build(config).snapshot)
        #expect(second.sites[0].routes.route(Array("/".utf8).span)?.requestRate == limit)
    }

    @Test("A certificate that is not valid now is a warning, and served")
    func validity() throws {
        let present = WallTime.now().seconds
        for (second, text) in [
            (present + 7_200, "expired 0 days ago"), (present + 3 * 86_400, "expired 2 days ago"),
            (present - 365 * 86_400, "not valid yet"),
        ] {
            let outcome = try build(config, now: WallTime(seconds: second, nanoseconds: 0))
            #expect(outcome.snapshot != nil)
            #expect(outcome.diagnostics.count == 1, "\(outcome.diagnostics)")
            #expect(outcome.diagnostics.first?.severity == .warning)
            #expect(outcome.diagnostics.first?.message.contains(text) == true)
        }
    }

    @Test("A host that no certificate of its site covers is a warning")
    func uncovered() throws {
        var config = config
        config.sites[0].hosts = ["localhost", "b.a.example", "c.b.a.example", "*.a.example"]
        let found = try build(config).diagnostics
        #expect(found.count == 1 && found[0].message.contains("'c.b.a.example'"), "\(found)")
    }

    @Test("A redirect goes to the port of the first TLS listener, or the standard one")
    func redirect() throws {
        var config = config
        config.listeners.append(
            ListenerConfig(
                addresses: [.ip(host: "127.0.0.1", port: 80)], tls: false, redirectToHTTPS: true))
        #expect(try build(config).snapshot?.listeners[1].redirectPort == 8443)
        config.listeners[0].addresses = [.unix(folder.path("a.sock"))]
        #expect(try build(config).snapshot?.listeners[1].redirectPort == 443)
    }

    @Test("Everything that is wrong is told at once, each at its place")
    func mistakes() throws {
        var config = config
        config.sites[0].certificates[0].key = folder.path("missing.key")
        config.sites[0].certificates[0].keyMark = SourceMark(line: 5, column: 6)
        config.backends[0].servers.append(
            ServerConfig(
                address: .name(host: "no.such.host.invalid", port: 1),
                text: "no.such.host.invalid:1", mark: SourceMark(line: 8, column: 9)))
        let outcome = try build(config)
        #expect(outcome.snapshot == nil)
        #expect(outcome.diagnostics.map(\.line) == [5, 8], "\(outcome.diagnostics)")
        #expect(outcome.diagnostics.allSatisfy { $0.severity == .error })
    }
}

/// A server at an IP address.
private func server(_ host: String, _ port: UInt16) -> ServerConfig {
    ServerConfig(address: .ip(host: host, port: port), text: "\(host):\(port)")
}
