import Config
import Testing

@Suite("BalancingConfig")
struct BalancingConfigTests {
    /// The result for a backend with these lines, the first of which is line 8.
    private static func result(_ lines: String) -> LoadResult {
        load(
            """
            listeners: [{ address: "127.0.0.1:80", tls: false }]
            sites:
              - hosts: ["a.example"]
                backend: api
            backends:
              api:
            #
                \(lines)
            """)
    }

    private static func backend(_ lines: String) -> BackendConfig? {
        let result = Self.result(lines)
        #expect(result.diagnostics.map { "\($0)" } == [])
        return result.config?.backends.first
    }

    @Test("Without a word, servers are alike and take turns")
    func defaults() throws {
        let backend = try #require(BalancingConfigTests.backend("servers: [\"a:1\", \"b:2\"]"))
        #expect(backend.balancing == BalancingConfig())
        #expect(backend.servers.map(\.weight) == [1, 1])
        #expect(backend.servers.map(\.isBackup) == [false, false])
    }

    @Test("A server is an address or a mapping")
    func servers() throws {
        let backend = try #require(
            BalancingConfigTests.backend(
                "servers: [\"a:1\", { address: \"b:2\", weight: 256 },"
                    + " { address: \"unix:/c\", weight: 0, backup: true }]"))
        #expect(backend.servers.map(\.text) == ["a:1", "b:2", "unix:/c"])
        #expect(backend.servers.map(\.weight) == [1, 256, 0])
        #expect(backend.servers.map(\.isBackup) == [false, false, true])
        #expect(backend.servers[2].address == .unix("/c"))
        #expect(backend.servers[1].mark == SourceMark(line: 8, column: 22))
    }

    @Test(
        "Each method has a word or a mapping",
        arguments: [
            ("round_robin", .roundRobin), ("least_connections", .leastConnections),
            ("power_of_two", .powerOfTwo), ("{ hash: client_address }", .hash(.clientAddress)),
            ("{ hash: header, name: X-User }", .hash(.header("X-User"))),
            ("{ name: session, hash: cookie }", .hash(.cookie("session"))),
        ] as [(String, BalanceMethod)])
    func methods(text: String, method: BalanceMethod) throws {
        let backend = try #require(
            BalancingConfigTests.backend("{ servers: \"a:1\", balance: \(text) }"))
        #expect(backend.balancing.method == method)
    }

    @Test(
        "Clients stay by a cookie",
        arguments: [
            ("off", nil), ("{ cookie: srv }", AffinityConfig(cookie: "srv")),
            (
                "{ cookie: srv, max_age: 2h, key: x }",
                AffinityConfig(cookie: "srv", maxAge: .seconds(7_200), key: "x")
            ),
            ("{ cookie: srv, max_age: session, key: off }", AffinityConfig(cookie: "srv")),
        ] as [(String, AffinityConfig?)])
    func affinity(text: String, config: AffinityConfig?) throws {
        let backend = try #require(
            BalancingConfigTests.backend("{ servers: \"a:1\", affinity: \(text) }"))
        #expect(backend.balancing.affinity == config)
    }

    @Test(
        "A slow start is off, or takes a while",
        arguments: [
            ("off", nil), ("1s", .seconds(1)), ("30s", .seconds(30)), ("1h", .seconds(3_600)),
        ] as [(String, Duration?)])
    func slowStart(text: String, duration: Duration?) throws {
        let backend = try #require(
            BalancingConfigTests.backend("{ servers: \"a:1\", slow_start: \(text) }"))
        #expect(backend.balancing.slowStart == duration)
    }

    @Test(
        "What is wrong is said, and where",
        arguments: [
            ("servers: [{ weight: 1 }]", "8:15: error: missing key 'address' in"),
            (
                "servers: [{ address: \"a:1\", weight: 257 }]",
                "8:41: error: expected a whole number from 0 to 256 for "
            ),
            (
                "servers: [{ address: \"a:1\", backup: 1 }]",
                "8:41: error: expected true or false for "
            ),
            (
                "servers: [{ address: \"a:1\", wieght: 1 }]",
                "8:33: error: unknown key 'wieght' in 'backends.api.servers[0]';"
                    + " did you mean 'weight'?"
            ),
            (
                "servers: [\"a:1\", { address: \"a:1\" }]",
                "8:22: error: the server 'a:1' is already listed at line 8"
            ),
            (
                "servers: [{ address: \"a:1\", weight: 0 }]",
                "8:5: error: no server has a weight above 0: nobody would be served"
            ),
            (
                "{ servers: \"a:1\", balance: random }",
                "8:32: error: expected round_robin, least_connections or power_of_two for"
            ),
            (
                "{ servers: \"a:1\", balance: { hash: url } }",
                "8:40: error: expected header, cookie or client_address for"
            ),
            (
                "{ servers: \"a:1\", balance: { name: x } }", "8:32: error: missing key 'hash' in"
            ),
            (
                "{ servers: \"a:1\", balance: { hash: header } }",
                "8:32: error: 'hash: header' needs 'name', the header to look at"
            ),
            (
                "{ servers: \"a:1\", balance: { hash: client_address, name: x } }",
                "8:62: error: 'hash: client_address' has no 'name'"
            ),
            (
                "{ servers: \"a:1\", balance: { hash: cookie, name: \"a b\" } }",
                "8:54: error: 'a b' is not the name of a header or a cookie"
            ),
            (
                "{ servers: \"a:1\", affinity: { cookie: \"a=b\" } }",
                "8:43: error: 'a=b' is not the name of a cookie"
            ),
            (
                "{ servers: \"a:1\", affinity: { max_age: 0s, cookie: a } }",
                "8:44: error: expected a duration from 1s to 3650d for"
            ),
            (
                "{ servers: \"a:1\", slow_start: 2h }",
                "8:35: error: expected a duration from 1s to 1h for"
            ),
        ])
    func mistakes(lines: String, message: String) {
        let result = BalancingConfigTests.result(lines)
        #expect(result.config == nil)
        let texts = result.diagnostics.map { "\($0)" }
        #expect(texts.contains { $0.hasPrefix("m.yaml:" + message) }, "\(texts)")
    }
}
