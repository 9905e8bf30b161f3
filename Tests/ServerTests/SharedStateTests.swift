import Config
import Platform
import Proxy
import TLS
import Telemetry
import TestSupport
import Testing

@testable import Server

struct SharedStateTests {
    @Test("The report has what was installed, with the counts of the moment")
    func report() throws {
        let pair = try TestAuthority().issue("localhost", validity: .seconds(3 * 86_400 + 60))
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        var config = ProxyConfig()
        config.listeners = [
            ListenerConfig(addresses: [.ip(host: "127.0.0.1", port: 0)], tls: false)
        ]
        config.sites = [
            SiteConfig(hosts: ["localhost"], certificates: [CertificatePair(chain: "c", key: "k")])
        ]
        let listeners = try ListenerSet().opening([Samples.anyPort], workers: 1, backlog: 1)
        let registry = MetricsRegistry()
        let label = registry.server(backend: "b", server: "s")
        let group = UpstreamGroup(
            name: "b", servers: [ServerPlan(name: "s", address: Samples.anyPort, label: label)])
        let state = SharedState(registry: registry)
        #expect(!state.isReady)
        state.update {
            $0.isReady = true
            $0.install(
                config, certificates: [[credential]], listeners: listeners, generation: 4,
                workers: 3)
            $0.installServers([group], generation: 4)
        }
        let report = state.report()
        #expect(state.isReady)
        #expect(report.generation == 4 && report.workers == 3)
        #expect(report.lastReload == nil)
        #expect(report.listeners.map(\.address) == ["\(listeners.groups[0].bound)"])
        #expect(report.listeners.map(\.tls) == [false])
        #expect(report.sites.map(\.name) == ["localhost"])
        #expect(report.sites[0].certificates.map(\.daysLeft) == [3])
        #expect(report.sites[0].certificates.map(\.path) == ["c"])
        #expect(report.backends.map(\.name) == ["b"])
        #expect(report.backends[0].servers.map(\.requests) == [0])
    }

    /// They were counted when the certificate was installed, and stood still for weeks.
    @Test(
        "The days that are left are those of the moment, negative once the end has passed",
        arguments: [
            (-2 * 86_400, 2), (-86_400, 1), (-86_399, 0), (0, 0), (1, -1), (86_400, -1),
            (86_401, -2),
        ])
    func daysLeft(secondsPastEnd: Int, days: Int) throws {
        let pair = try TestAuthority().issue("localhost")
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        var config = ProxyConfig()
        config.sites = [
            SiteConfig(hosts: ["localhost"], certificates: [CertificatePair(chain: "c", key: "k")])
        ]
        let state = SharedState(registry: MetricsRegistry())
        state.update {
            $0.install(
                config, certificates: [[credential]], listeners: ListenerSet(), generation: 1,
                workers: 1)
        }
        let now = WallTime(seconds: credential.notAfter + Int64(secondsPastEnd))
        let report = state.report(now: now)
        #expect(report.sites[0].certificates.map(\.daysLeft) == [days])
        let page = StatusPage(report).html()
        #expect(page.contains(">expired<") == (days < 0))
    }

    @Test("The last reload is told with its outcome")
    func lastReload() throws {
        let state = SharedState(registry: MetricsRegistry())
        let outcome = ReloadOutcome(ok: false, generation: 1, diagnostics: ["why"])
        state.update { $0.lastReload = (WallTime(seconds: 5, nanoseconds: 0), outcome) }
        let reload = try #require(state.report().lastReload)
        #expect(!reload.ok && reload.diagnostics == ["why"] && reload.time.seconds == 5)
    }
}
