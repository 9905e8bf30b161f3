import Config
import Platform
import Proxy
import TLS
import Telemetry
import TestSupport
import Testing

@testable import Server

struct SnapshotBuilderGroupsTests {
    private func build(
        _ names: FakeNames, _ occasion: BuildOccasion, served: Bool = false
    ) throws -> SnapshotBuilder.Outcome {
        var config = ProxyConfig()
        config.listeners = [
            ListenerConfig(addresses: [.ip(host: "127.0.0.1", port: 8080)], tls: false)
        ]
        config.sites = [SiteConfig(hosts: ["a"], routes: [RouteConfig(path: "/", backend: 0)])]
        config.backends = [
            BackendConfig(
                name: "b",
                servers: [
                    ServerConfig(address: .ip(host: "127.0.0.1", port: 9), text: "127.0.0.1:9"),
                    ServerConfig(
                        address: .name(host: "a.example", port: 1), text: "a.example:1",
                        mark: SourceMark(line: 8, column: 9)),
                ])
        ]
        var builder = SnapshotBuilder(file: "m.yaml", registry: MetricsRegistry())
        let discovery = try names.discovery()
        if served { discovery.follow(config, now: .now()) }
        builder.discovery = discovery
        var surroundings = SnapshotBuilder.Surroundings(
            generation: 7, workers: 1, connectionLimit: 100, now: WallTime.now(),
            ticketKeys: try TicketKeys())
        surroundings.occasion = occasion
        return builder.build(config, surroundings) { _ in }
    }

    @Test(
        "A name that nobody has is an error where somebody looks, and a warning at a start",
        arguments: [
            (BuildOccasion.start, LookupError.notFound, false, Diagnostic.Severity.warning),
            (.start, .timeout, false, .warning), (.check, .notFound, false, .error),
            (.check, .timeout, false, .warning), (.reload, .notFound, false, .error),
            (.reload, .failed, false, .warning), (.reload, .notFound, true, .warning),
        ])
    func unknown(
        occasion: BuildOccasion, error: LookupError, served: Bool, severity: Diagnostic.Severity
    ) throws {
        let names = FakeNames()
        names.set(.host("a.example"), .failure(error))
        let outcome = try build(names, occasion, served: served)
        #expect(outcome.diagnostics.count == 1, "\(outcome.diagnostics)")
        let diagnostic = try #require(outcome.diagnostics.first)
        #expect(diagnostic.severity == severity)
        #expect((diagnostic.line, diagnostic.column) == (8, 9))
        #expect(
            diagnostic.message.hasPrefix(
                "server 'a.example:1' of backend 'b': resolve a.example: \(error); "))
        #expect((outcome.snapshot == nil) == (severity == .error))
        if let snapshot = outcome.snapshot {
            #expect(snapshot.groups[0].servers.map(\.name) == ["127.0.0.1:9"])
        }
    }

    @Test("Each address of a name is in the snapshot")
    func addresses() throws {
        let names = FakeNames()
        names.set("a.example", "10.0.0.1", "10.0.0.2")
        let outcome = try build(names, .check)
        #expect(outcome.diagnostics.isEmpty, "\(outcome.diagnostics)")
        #expect(
            outcome.snapshot?.groups[0].servers.map { "\($0.name) \($0.address)" } == [
                "127.0.0.1:9 127.0.0.1:9", "a.example:1 10.0.0.1:1", "a.example:1#2 10.0.0.2:1",
            ])
    }

    @Test("A build that comes to nothing leaves TLS with those that are served as it was")
    func contexts() throws {
        let authority = try TestAuthority()
        let folder = try TemporaryFolder()
        let text = String(decoding: authority.pair.certificate, as: UTF8.self)
        let path = try folder.write(text, to: "ca.pem")
        func backend(_ path: String) -> BackendConfig {
            BackendConfig(
                name: "b",
                servers: [
                    ServerConfig(address: .ip(host: "127.0.0.1", port: 9), text: "127.0.0.1:9")
                ], tls: BackendTLSConfig(ca: FileReference(path: path)))
        }
        func build(
            _ backend: BackendConfig, _ builder: inout SnapshotBuilder
        ) throws -> SnapshotBuilder.Outcome {
            var config = ProxyConfig()
            config.backends = [backend]
            let surroundings = SnapshotBuilder.Surroundings(
                generation: 7, workers: 1, connectionLimit: 100, now: WallTime.now(),
                ticketKeys: try TicketKeys())
            return builder.build(config, surroundings) { _ in }
        }
        var builder = SnapshotBuilder(file: "m.yaml", registry: MetricsRegistry())
        let good = try build(backend(path), &builder)
        #expect(good.snapshot?.groups[0].servers.first?.tls?.serverName == "127.0.0.1")
        // Nothing was committed: without TLS the server is left out.
        #expect(builder.group(backend(path), workers: 1).servers.isEmpty)
        builder.backendContexts = good.backendContexts
        #expect(try build(backend(folder.path("none.pem")), &builder).snapshot == nil)
        #expect(builder.group(backend(path), workers: 1).servers.first?.tls != nil)
    }
}
