import Testing

@testable import Config

struct BackendTLSConfigTests {
    private static let pins = [
        "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        "sha256/n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
    ]

    private func result(_ keys: String) -> LoadResult {
        load(
            minimal(adding: "backends: { a: { servers: \"h:1\", \(keys) } }")
                .replacing("\"http://127.0.0.1:9000\"", with: "a"))
    }

    private func backend(_ keys: String) throws -> BackendConfig {
        let result = result(keys)
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics)")
        return try #require(result.config?.backends.first)
    }

    @Test("TLS is off unless it is said", arguments: ["protocol: http/1.1", "tls: off"])
    func off(_ keys: String) throws {
        #expect(try backend(keys).tls == nil)
    }

    @Test("By default servers are verified by the system's authorities")
    func short() throws {
        let tls = try #require(try backend("tls: true").tls)
        #expect(tls.verifies && tls.ca == nil && tls.serverName == nil && tls.pins.isEmpty)
        #expect(tls.files.isEmpty && tls.versions == nil && tls.certificate == nil)
    }

    @Test("Everything that can be said is read")
    func whole() throws {
        let tls = try #require(
            try backend(
                "tls: { server_name: V.example., ca: c, certificate: /a, key: /k,"
                    + " passphrase_file: p, pins: [\(BackendTLSConfigTests.pins[0]),"
                    + " \(BackendTLSConfigTests.pins[1])], versions: [TLSv1.3], verify: off }"
            ).tls)
        #expect(tls.serverName == "v.example" && tls.ca?.path == "c" && !tls.verifies)
        #expect(tls.pins.map(\.text) == BackendTLSConfigTests.pins)
        #expect(tls.versions == [.tls13] && tls.files == ["c", "/a", "/k", "p"])
    }

    @Test("Revocation lists are one file or several, and count where servers are verified")
    func revocation() throws {
        let tls = try #require(try backend("tls: { ca: c, crl: [l, m] }").tls)
        #expect(tls.crl.map(\.path) == ["l", "m"] && tls.files == ["c", "l", "m"])
        #expect(try backend("tls: { crl: l }").tls?.crl.map(\.path) == ["l"])
        let idle = result("tls: { crl: l, verify: off }")
        #expect(idle.config == nil)
        #expect(idle.diagnostics.contains { $0.message.hasPrefix("'crl' needs 'verify'") })
    }

    @Test("What is risky is remarked")
    func warnings() {
        let one = result("tls: { pins: \(BackendTLSConfigTests.pins[0]) }")
        #expect(one.config != nil && one.diagnostics.count == 1)
        #expect(one.diagnostics[0].message.hasPrefix("there is one pin only"))
        let none = result("tls: { verify: off }")
        #expect(none.config != nil && none.diagnostics.count == 1)
        #expect(none.diagnostics[0].message.hasPrefix("servers are not verified"))
    }

    @Test("A URL says TLS by its scheme, and has its port")
    func url() throws {
        let config = load(
            minimal(adding: "").replacing("http://127.0.0.1:9000", with: "https://api.example/")
        ).config
        let backend = try #require(config?.backends.first)
        #expect(backend.tls?.verifies == true)
        #expect(backend.servers[0].address == .name(host: "api.example", port: 443))
        #expect(backend.servers[0].text == "api.example")
    }

    @Test("The versions of the header", arguments: ProxyHeaderConfig.allCases)
    func header(_ version: ProxyHeaderConfig) throws {
        #expect(try backend("proxy_protocol: \(version.rawValue)").proxyHeader == version)
        #expect(try backend("protocol: http/1.1").proxyHeader == .off)
    }

    @Test("A listener believes whom it is told to")
    func listener() throws {
        let proxies = { (text: String) in
            load(
                minimal(adding: "").replacing(
                    "\"0.0.0.0:443\"", with: "\"0.0.0.0:443\", proxy_protocol: \(text)")
            ).config?.listeners[0].proxies
        }
        #expect(proxies("off") == .some(nil))
        let blocks = try #require(proxies("{ from: [10.0.0.0/8, \"::1\"] }") ?? nil)
        #expect(blocks.map(\.description) == ["10.0.0.0/8", "::1/128"])
    }
}
