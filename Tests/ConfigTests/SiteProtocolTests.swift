import Testing

@testable import Config

struct SiteProtocolTests {
    @Test("Sites of all kinds share a host where protocols tell them apart")
    func together() throws {
        let result = load(
            """
            listeners:
              - address: "0.0.0.0:443"
              - { address: "0.0.0.0:5432", tls: false, backend: db }
            sites:
              - { hosts: a, certificates: [{ chain: a, key: a }], backend: "http://h:1" }
              - hosts: [a, b]
                protocol: tcp
                alpn: [mqtt, imap]
                certificates: [{ chain: a, key: a }]
                backend: db
              - { hosts: a, protocol: passthrough, alpn: acme-tls/1, backend: "tcp://h:2" }
            backends: { db: { servers: "h:3" } }
            timeouts: { tcp_idle: 1d }
            """)
        #expect(result.diagnostics == [])
        let config = try #require(result.config)
        #expect(config.sites.map(\.service) == [.http, .tcp, .passthrough])
        #expect(config.sites.map(\.alpn) == [[], ["mqtt", "imap"], ["acme-tls/1"]])
        let backends = config.sites.compactMap { site in
            site.routes[0].backend.map { config.backends[$0].name }
        }
        #expect(backends == ["http://h:1", "db", "tcp://h:2"])
        #expect(config.listeners.map(\.backend) == [nil, 0])
        #expect(config.backends[2].servers[0].text == "h:2")
        #expect(config.timeouts.tcpIdle == .seconds(86_400))
    }

    @Test("Where every listener has a backend there need be no site")
    func withoutSites() throws {
        let result = load(
            """
            listeners: [{ address: "0.0.0.0:5432", tls: false, backend: "tcp://unix:/run/db" }]
            """)
        #expect(result.diagnostics == [])
        #expect(result.config?.sites == [])
        #expect(result.config?.backends.first?.servers.first?.address == .unix("/run/db"))
    }

    @Test("Early data at a TCP site is warned of")
    func earlyData() {
        let result = load(
            site(
                """
                    protocol: tcp
                    certificates: [{ chain: a, key: a }]
                    backend: "tcp://h:1"
                    tls: { early_data: on }
                """))
        #expect(
            result.diagnostics.map(\.description) == [
                "m.yaml:7:10: warning: early data is for HTTP sites alone"
            ])
    }
}
