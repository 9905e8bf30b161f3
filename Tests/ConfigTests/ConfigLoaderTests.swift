import Config
import Testing

struct ConfigLoaderTests {
    @Test("The example of the contract loads as it reads")
    func example() throws {
        let text = """
            listeners:
              - address: "0.0.0.0:8443"          # also "[::]:8443", "unix:/path"
              - address: "0.0.0.0:8080"
                tls: false
                redirect_to_https: true
            admin:
              address: "127.0.0.1:9180"
            workers: auto                         # or a number
            sites:
              - hosts: ["shop.example", "*.shop.example"]
                certificates:
                  - { chain: "shop.ecdsa.pem", key: "shop.ecdsa.key" }
                  - { chain: "shop.rsa.pem",   key: "shop.rsa.key" }
                routes:
                  - { path: "/api/", backend: api }
                  - { path: "/", backend: "http://127.0.0.1:9000" }
            backends:
              api:
                servers: ["127.0.0.1:9001", "127.0.0.1:9002", "unix:/run/api.sock"]
            """
        let result = load(text, file: "/etc/martlet/m.yaml")
        #expect(result.diagnostics == [])
        let config = try #require(result.config)
        #expect(
            config.listeners == [
                ListenerConfig(
                    addresses: [.ip(host: "0.0.0.0", port: 8443)],
                    mark: SourceMark(line: 2, column: 5)),
                ListenerConfig(
                    addresses: [.ip(host: "0.0.0.0", port: 8080)], tls: false,
                    http2: false, redirectToHTTPS: true, mark: SourceMark(line: 3, column: 5)),
            ])
        #expect(config.admin == AdminConfig(address: .ip(host: "127.0.0.1", port: 9180)))
        #expect(config.sites.map(\.name) == ["shop.example"])
        #expect(config.sites[0].hosts == ["shop.example", "*.shop.example"])
        #expect(
            config.sites[0].certificates[1]
                == CertificatePair(
                    chain: "/etc/martlet/shop.rsa.pem", key: "/etc/martlet/shop.rsa.key",
                    chainMark: SourceMark(line: 13, column: 18),
                    keyMark: SourceMark(line: 13, column: 41)))
        #expect(
            config.sites[0].routes == [
                RouteConfig(path: "/api/", backend: 0), RouteConfig(path: "/", backend: 1),
            ])
        #expect(config.backends.map(\.name) == ["api", "http://127.0.0.1:9000"])
        #expect(
            config.backends[0].servers.map(\.address) == [
                .ip(host: "127.0.0.1", port: 9001), .ip(host: "127.0.0.1", port: 9002),
                .unix("/run/api.sock"),
            ])
        #expect(config.backends[1].servers.map(\.text) == ["127.0.0.1:9000"])
    }

    @Test("What a file leaves out has its default")
    func defaults() throws {
        let config = try #require(load(minimal(adding: "")).config)
        var expected = ProxyConfig()
        expected.listeners = config.listeners
        expected.sites = config.sites
        expected.backends = config.backends
        #expect(config == expected)
    }

    @Test("Every key takes another value than its default")
    func otherValues() throws {
        let result = load(
            minimal(
                adding: """
                    workers: 4
                    pin_workers: true
                    admin: off
                    tls: { policy: modern, unknown_host: reject, expiry_warning: 30d }
                    timeouts: { handshake: 250ms, keep_alive: 1m, tunnel_idle: 12h, drain: 7d }
                    limits:
                      { request_head: 16KiB, request_body: 1GiB, connections: 500, buffer: 8192 }
                    http: { dot_segments: pass, encoded_slashes: reject,
                            underscore_fields: drop, get_body: reject }
                    forwarding: { x_forwarded: false, forwarded: true, via: true,
                                  trusted: [10.0.0.0/8, "::1", "2001:db8::/32"] }
                    upstream:
                      { idle_connections: 0, retries: 0, streams_per_connection: 7 }
                    access_log: { path: log/access.log, format: combined }
                    event_log: { path: stdout, level: debug }
                    """), file: "conf/m.yaml")
        #expect(result.diagnostics == [])
        let config = try #require(result.config)
        #expect(config.workers == .count(4))
        #expect(config.pinWorkers)
        #expect(config.admin == nil)
        #expect(
            config.tls
                == TLSConfig(
                    offer: TLSOffer(policy: .modern), unknownHost: .reject,
                    expiryWarning: .seconds(30 * 86_400)))
        #expect(config.timeouts.handshake == .milliseconds(250))
        #expect(config.timeouts.keepAlive == .seconds(60))
        #expect(config.timeouts.tunnelIdle == .seconds(43_200))
        #expect(config.timeouts.drain == .seconds(604_800))
        #expect(config.limits.requestHead == 16_384)
        #expect(config.limits.requestBody == 1 << 30)
        #expect(config.limits.connections == 500)
        #expect(config.limits.buffer == 8192)
        #expect(
            config.http
                == HTTPConfig(
                    dotSegments: .pass, encodedSlashes: .reject, underscoreFields: .drop,
                    getBody: .reject))
        #expect(
            config.forwarding.trusted.map(\.description) == [
                "10.0.0.0/8", "::1/128", "2001:db8::/32",
            ])
        let upstream = UpstreamConfig(idleConnections: 0, retries: 0, streamsPerConnection: 7)
        #expect(config.upstream == upstream)
        let log = AccessLogConfig(target: .file("conf/log/access.log"), format: .combined)
        #expect(config.accessLog == log)
        #expect(config.eventLog == EventLogConfig(target: .standardOutput, level: .debug))
    }

    @Test("Limits take other values than their defaults, and those that may be off are")
    func limits() throws {
        let others = try #require(
            load(
                minimal(
                    adding: """
                        timeouts: { lingering: 1s }
                        limits:
                          connection_rate: { per_second: 50, burst: 200 }
                          handshake_rate: { per_second: 20 }
                          minimum_rate: 1KiB
                          key_updates: 1
                          tiny_records: 5
                          memory: 16MiB
                        """)
            ).config)
        #expect(others.timeouts.lingering == .seconds(1))
        #expect(others.limits.connectionRate == RateConfig(perSecond: 50, burst: 200))
        #expect(others.limits.handshakeRate == RateConfig(perSecond: 20, burst: 20))
        #expect(others.limits.minimumRate == 1_024)
        #expect(others.limits.keyUpdates == 1)
        #expect(others.limits.tinyRecords == 5)
        #expect(others.limits.memory == .bytes(16 << 20))
        let off = "limits: { connection_rate: off, minimum_rate: off, memory: off }"
        let config = try #require(load(minimal(adding: off)).config)
        #expect(config.limits == LimitConfig(minimumRate: nil, memory: .off))
        let auto = try #require(load(minimal(adding: "limits: { memory: auto }")).config)
        #expect(auto.limits.memory == .auto)
    }

    @Test("A route may have a rate")
    func requestRate() throws {
        let text = """
                certificates: [{ chain: a, key: a }]
                routes:
                  - { path: "/a", backend: "http://h:1", request_rate: { per_second: 1, burst: 5 } }
                  - { path: "/", backend: "http://h:1", request_rate: off }
            """
        let routes = try #require(load(site(text)).config?.sites.first?.routes)
        #expect(routes.map(\.requestRate) == [RateConfig(perSecond: 1, burst: 5), nil])
    }

    @Test("A site's HSTS is off, the default, or what is given")
    func transportSecurity() throws {
        func loaded(_ text: String) throws -> SiteConfig {
            let certificates = "    certificates: [{ chain: a, key: a }]\n"
            let result = load(site(certificates + "    backend: http://h:1\n    " + text))
            #expect(result.diagnostics == [])
            return try #require(result.config?.sites.first)
        }
        #expect(try loaded("").hsts == nil)
        #expect(try loaded("hsts: off").hsts == nil)
        #expect(try loaded("hsts: {}").hsts == HSTSConfig(maxAge: .seconds(31_536_000)))
        #expect(try loaded("hsts: { max_age: 0s }").hsts == HSTSConfig(maxAge: .zero))
        #expect(
            try loaded("hsts: { max_age: 365d, include_subdomains: true, preload: true }").hsts
                == HSTSConfig(includesSubdomains: true, preloads: true))
        #expect(try !loaded("").securityHeaders)
        #expect(try loaded("security_headers: true").securityHeaders)
    }

    @Test("One URL in two places is one backend")
    func sharedURLs() throws {
        let result = load(
            site(
                """
                    certificates: [{ chain: a.pem, key: a.key }]
                    routes:
                      - { path: /a, backend: "http://app:8080" }
                      - { path: /b, backend: "http://app:8080/" }
                      - { path: /c, backend: "http://unix:run/app.sock" }
                      - { path: /d, backend: "http://app" }
                """), file: "conf/m.yaml")
        #expect(result.diagnostics == [])
        let config = try #require(result.config)
        #expect(config.sites[0].routes.map(\.backend) == [0, 0, 1, 2])
        #expect(
            config.backends.flatMap(\.servers).map(\.address) == [
                .name(host: "app", port: 8080), .unix("conf/run/app.sock"),
                .name(host: "app", port: 80),
            ])
    }

    @Test("Variables are replaced in any value and their text is only a text")
    func variables() throws {
        let result = load(
            """
            listeners: [{ address: "127.0.0.1:${PORT}" }]
            workers: "${COUNT}"
            sites:
              - hosts: ["a.example"]
                certificates: [{ chain: "${SECRET}", key: "$${PORT} $5" }]
                backend: http://127.0.0.1:9000
            """)
        #expect(result.diagnostics == [])
        let config = try #require(result.config)
        #expect(config.listeners[0].addresses == [.ip(host: "127.0.0.1", port: 8443)])
        #expect(config.workers == .count(3))
        #expect(config.sites[0].certificates[0].chain == "${PORT}: [x")
        #expect(config.sites[0].certificates[0].key == "${PORT} $5")
    }

    @Test("An anchor gives its value to every alias")
    func aliases() throws {
        let result = load(
            """
            listeners: [{ address: "0.0.0.0:443" }]
            sites:
              - hosts: [a.example]
                certificates: &pair [{ chain: a.pem, key: a.key }]
                backend: &where http://127.0.0.1:9000
              - { hosts: [b.example], certificates: *pair, backend: *where }
            """)
        #expect(result.diagnostics == [])
        let sites = try #require(result.config).sites
        #expect(sites[0].certificates == sites[1].certificates)
        #expect(sites[0].routes == sites[1].routes)
    }

    @Test("A file without TLS needs no certificates")
    func plaintext() throws {
        let result = load(
            """
            listeners: [{ address: ["127.0.0.1:80", "[::1]:80", "unix:/run/m.sock"], tls: false }]
            sites: [{ hosts: a.example, backend: "http://127.0.0.1:9000" }]
            """)
        #expect(result.diagnostics == [])
        #expect(try #require(result.config).listeners[0].addresses.count == 3)
    }

    @Test(
        "HSTS is warned of where no listener serves TLS, and only there",
        arguments: [
            ("hsts: {}", false, 1), ("hsts: { max_age: 0s }", false, 1), ("hsts: off", false, 0),
            ("hsts: {}", true, 0),
        ])
    func uselessTransportSecurity(text: String, hasTLS: Bool, warnings: Int) {
        let result = load(
            """
            listeners: [{ address: "[::]:80", tls: false }, { address: "[::]:81", tls: \(hasTLS) }]
            sites:
              - hosts: a.example
                certificates: [{ chain: a, key: a }]
                backend: "http://127.0.0.1:9000"
                \(text)
            """)
        let said = Array(
            repeating: "m.yaml:6:11: warning: 'hsts' is never sent: no listener serves TLS,"
                + " and browsers believe it there alone", count: warnings)
        #expect(result.diagnostics.map(\.description) == said)
        #expect(result.config != nil)
    }

    @Test("Early data for clients with certificates is warned of where a site asks for both")
    func earlyDataOfClients() throws {
        let clients = "client_certificates: { mode: optional, ca: ca.pem }"
        for (own, all, warnings) in [
            ("early_data: on, \(clients)", "off", 1), ("early_data: off, \(clients)", "on", 0),
            ("\(clients)", "on", 0), ("early_data: on", "off", 0),
        ] {
            let result = load(
                site(
                    """
                        certificates: [{ chain: a, key: a }]
                        backend: http://h:1
                        tls: { \(own) }
                    tls: { early_data: \(all) }
                    """))
            let said = Array(
                repeating: "m.yaml:6:10: warning: early data is never accepted where clients are"
                    + " asked for certificates", count: warnings)
            #expect(result.diagnostics.map(\.description) == said, "\(own)")
            #expect(result.config != nil)
        }
    }

    @Test("A warning alone does not refuse the file")
    func warnings() {
        let result = load(minimal(adding: "backends: { spare: { servers: \"127.0.0.1:1\" } }"))
        #expect(
            result.diagnostics.map(\.description) == [
                "m.yaml:6:13: warning: no site uses the backend 'spare'"
            ])
        #expect(result.config != nil)
    }

    @Test("Hosts are compared in lower case and without a dot at their end")
    func hosts() throws {
        let text = minimal(adding: "").replacing("a.example", with: "*.Shop.Example.")
        #expect(try #require(load(text).config).sites[0].hosts == ["*.shop.example"])
    }
}
