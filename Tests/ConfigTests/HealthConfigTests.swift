import Testing

@testable import Config

struct HealthConfigTests {
    private static func text(_ keys: String, server: String = "127.0.0.1:9") -> String {
        """
        listeners: [{ address: "0.0.0.0:443" }]
        sites: [{ hosts: [a.example], certificates: [{ chain: a, key: b }], backend: api }]
        backends:
          api:
            servers: "\(server)"
            \(keys)
        """
    }

    private static func backend(_ keys: String) throws -> BackendConfig {
        let result = load(text(keys))
        #expect(result.diagnostics == [])
        return try #require(result.config?.backends.first)
    }

    @Test("Without a word servers are not checked, and none is left out")
    func nothing() throws {
        let backend = try HealthConfigTests.backend("protocol: http/1.1")
        #expect(backend.health == nil && backend.outliers == nil && backend.panicThreshold == 0)
        #expect(try HealthConfigTests.backend("health: off").health == nil)
    }

    @Test("What is left out has its default")
    func defaults() throws {
        #expect(try HealthConfigTests.backend("health: {}").health == HealthConfig())
        var tcp = HealthConfig()
        tcp.kind = .tcp
        #expect(try HealthConfigTests.backend("health: { type: tcp }").health == tcp)
    }

    @Test("Every key arrives")
    func everything() throws {
        let backend = try HealthConfigTests.backend(
            """
            panic_threshold: 30
                health: { type: http, path: "/h?a=1", host: "api:80", method: HEAD,
                  interval: 250ms, timeout: 1s, rise: 4, fall: 5, status: [200, "3xx"], port: 99 }
            """)
        var expected = HealthConfig()
        expected.path = "/h?a=1"
        expected.host = "api:80"
        expected.method = .head
        expected.interval = .milliseconds(250)
        expected.timeout = .seconds(1)
        expected.rise = 4
        expected.fall = 5
        expected.status = StatusSet([200...200, 300...399])
        expected.port = 99
        #expect(backend.health == expected)
        #expect(backend.panicThreshold == 30)
        let other = try HealthConfigTests.backend("health: { status: 204, body: \"ok\" }")
        #expect(other.health?.status == StatusSet([204...204]))
        #expect(other.health?.body == "ok")
        let forms = "health: { body: off, host: auto, port: auto }"
        #expect(try HealthConfigTests.backend(forms).health == HealthConfig())
    }

    @Test(
        "A mistake is refused with what to do",
        arguments: [
            ("health: { type: tcp, path: /x }", "'path' means nothing to a check of type tcp"),
            ("health: { type: tcp, body: x }", "'body' means nothing to a check of type tcp"),
            ("health: { service: a.B }", "'service' means nothing to a check of type http: write"),
            (
                "health: { type: tcp, service: a.B }",
                "'service' means nothing to a check of type tcp"
            ),
            ("health: { type: grpc, path: /x }", "'path' means nothing to a check of type grpc"),
            ("health: { type: grpc, status: 200 }", "asks the health service; write 'type: http'"),
            ("health: { type: grpc }", "write 'protocol: h2c' or 'protocol: h2', or 'port'"),
            ("health: { type: grpc, service: \"a b\" }", "'a b' is not a service such as"),
            ("health: { method: HEAD, body: x }", "an answer to HEAD has no 'body'"),
            ("health: { type: udp }", "expected http, tcp or grpc for 'backends.api.health.type'"),
            ("health: { path: x }", "'x' does not begin with '/'"),
            ("health: { path: \"/a b\" }", "'/a b' is not a path"),
            ("health: { host: \"a b\" }", "'a b' is not a host"),
            ("health: { host: \"a\\r\\nX: b\" }", "is not a host"),
            ("health: { status: [600] }", "expected a status such as 200 or 2xx"),
            ("health: { status: [] }", "needs at least one entry"),
            ("health: { interval: 99ms }", "expected a duration from 100ms"),
            ("health: { timeout: 61s }", "expected a duration from 10ms to 1m"),
            ("health: { rise: 0 }", "expected a whole number from 1 to 1000"),
            ("health: { port: 65536 }", "expected a whole number from 1 to 65535 or auto"),
            ("health: { intervall: 1s }", "did you mean 'interval'?"),
            ("health: on", "expected a mapping or off"),
            ("panic_threshold: 101", "expected a whole number from 0 to 100"),
            ("outliers: { ejection: 10m }", "'max_ejection' is shorter than 'ejection'"),
            ("outliers: { error_rate: 0 }", "expected a whole number from 1 to 100 or off"),
            ("outliers: { consecutive_failures: 0 }", "expected a whole number from 1"),
        ])
    func mistakes(keys: String, message: String) {
        let result = load(HealthConfigTests.text(keys))
        #expect(result.config == nil)
        #expect(result.diagnostics.contains { "\($0)".contains(message) }, "\(result.diagnostics)")
    }

    @Test("Servers of HTTP/2 are checked as others are", arguments: ["h2c", "h2\n    tls: true"])
    func streams(version: String) throws {
        for check in ["{}", "{ type: tcp }", "{ port: 9 }", "{ body: ok, host: a.example }"] {
            let text = HealthConfigTests.text("protocol: \(version)\n    health: \(check)")
            let result = load(text)
            #expect(result.config?.backends[0].health != nil, "\(result.diagnostics)")
        }
    }

    @Test("Servers of gRPC are asked about all of them, or one service")
    func services() throws {
        let all = try HealthConfigTests.backend("protocol: h2c\n    health: { type: grpc }")
        #expect(all.health?.kind == .grpc && all.health?.service == nil)
        let auto = "protocol: h2c\n    health: { type: grpc, service: auto, host: a.example }"
        #expect(try HealthConfigTests.backend(auto).health?.service == nil)
        let one = try HealthConfigTests.backend(
            "health: { type: grpc, service: shop.Cart, port: 9 }")
        #expect(one.health?.service == "shop.Cart")
        for (count, fits) in [(254, true), (255, true), (256, false)] {
            let name = String(repeating: "s", count: count)
            let text = "protocol: h2c\n    health: { type: grpc, service: \(name) }"
            #expect((load(HealthConfigTests.text(text)).config != nil) == fits)
        }
    }

    @Test("A port of its own needs servers that have ports")
    func port() throws {
        let text = HealthConfigTests.text("health: { port: 9 }", server: "unix:/run/a.sock")
        let message = "'port' means nothing to 'unix:/run/a.sock', which has none"
        #expect(load(text).diagnostics.contains { "\($0)".contains(message) })
        #expect(try HealthConfigTests.backend("health: { port: 9 }").health?.port == 9)
    }

    @Test("Servers are left out by the defaults, or by what is said")
    func outliers() throws {
        for keys in ["outliers: on", "outliers: {}"] {
            #expect(try HealthConfigTests.backend(keys).outliers == OutlierConfig())
        }
        #expect(try HealthConfigTests.backend("outliers: off").outliers == nil)
        var expected = OutlierConfig()
        expected.consecutiveFailures = 3
        expected.errorRate = 40
        expected.ejection = .seconds(1)
        expected.maxEjection = .seconds(1)
        expected.minimumShare = 0
        let keys = """
            outliers: { consecutive_failures: 3, error_rate: 40, ejection: 1s, max_ejection: 1s,
                  minimum_share: 0 }
            """
        #expect(try HealthConfigTests.backend(keys).outliers == expected)
    }
}
