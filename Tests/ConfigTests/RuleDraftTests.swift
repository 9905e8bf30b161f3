import Testing

@testable import Config

struct RuleDraftTests {
    private func rules(site siteKeys: String, route: String) throws -> RuleConfig {
        let result = load(
            site(
                """
                    certificates: [{ chain: a, key: a }]
                    \(siteKeys)
                    routes: [{ path: /api/, backend: http://h:1, \(route) }]
                """))
        #expect(result.diagnostics == [])
        return try #require(result.config?.sites.first?.routes.first).rules
    }

    @Test("A route without rules in a site without any has none")
    func none() throws {
        #expect(
            try rules(site: "security_headers: false", route: "request_rate: off") == RuleConfig())
    }

    @Test("The word of the site holds where the route says nothing")
    func inherited() throws {
        let rules = try rules(
            site: """
                strip_prefix: true
                    trace: off
                    allow: 10.0.0.0/8
                    host: b:1
                """,
            route: "request_rate: off")
        #expect(rules.stripPrefix == "/api")
        #expect(rules.trace == .off)
        #expect(rules.allow?.map(\.description) == ["10.0.0.0/8"])
        #expect(rules.host == "b:1")
    }

    @Test("The word of the route wins, also where it is off")
    func overridden() throws {
        let rules = try rules(
            site: """
                strip_prefix: /app
                    rewrite: "/v2{path}"
                    trace: begin
                    deny: 10.0.0.0/8
                    timeouts: { first_byte: 1s, request_body: 2s }
                    limits: { request_body: 1KiB }
                    request_id: { header: X-Id }
                """,
            route: "strip_prefix: false, rewrite: off, trace: pass, deny: off, request_id: off,"
                + " timeouts: { first_byte: 3s }, limits: { request_body: unlimited }")
        #expect(rules.stripPrefix == nil)
        #expect(rules.rewrite == nil)
        #expect(rules.trace == .pass)
        #expect(rules.deny.isEmpty)
        #expect(rules.requestID == nil)
        #expect(
            rules.timeouts == RouteTimeoutConfig(firstByte: .seconds(3), requestBody: .seconds(2)))
        #expect(rules.limits.requestBody == .unlimited)
    }

    @Test(
        "What a route says of a block counts, and what the site says of others stays",
        arguments: [
            ("deny: [10.0.0.0/8, 192.0.2.0/24]", "allow: 10.0.0.0/8", "10.0.0.0/8", "192.0.2.0/24"),
            ("deny: 10.0.0.0/8", "allow: \"::ffff:10.0.0.0/104\"", "::ffff:a00:0/104", ""),
            ("deny: 10.0.0.0/8", "deny: 192.0.2.0/24", nil, "10.0.0.0/8 192.0.2.0/24"),
            ("deny: 10.0.0.0/8", "deny: off", nil, ""),
            ("deny: 10.0.0.0/8", "deny: 10.0.0.0/8", nil, "10.0.0.0/8"),
            ("allow: [10.0.0.0/8, 192.0.2.0/24]", "deny: 10.0.0.0/8", "192.0.2.0/24", "10.0.0.0/8"),
            ("allow: 10.0.0.0/8", "deny: 10.0.0.0/8", "", "10.0.0.0/8"),
            ("allow: 10.0.0.0/8", "allow: 192.0.2.0/24", "192.0.2.0/24", ""),
            ("deny: 10.0.0.0/8", "allow: off", nil, "10.0.0.0/8"),
        ] as [(String, String, String?, String)])
    func addresses(site: String, route: String, allow: String?, deny: String) throws {
        let rules = try rules(site: site, route: route)
        #expect(rules.allow.map { $0.map(\.description).joined(separator: " ") } == allow)
        #expect(rules.deny.map(\.description).joined(separator: " ") == deny)
    }

    @Test("Fields are joined name by name, in any case")
    func fields() throws {
        let rules = try rules(
            site: "request_headers: { set: { X-A: site, X-B: site }, remove: X-C }",
            route: "request_headers: { add: { x-a: [one, two] }, remove: X-D }")
        #expect(
            rules.requestHeaders.edits == [
                .init(name: "X-B", change: .set([RuleText(segments: [.literal("site")])])),
                .init(name: "X-C", change: .remove),
                .init(
                    name: "x-a",
                    change: .add([
                        RuleText(segments: [.literal("one")]),
                        RuleText(segments: [.literal("two")]),
                    ])),
                .init(name: "X-D", change: .remove),
            ])
    }

    @Test("A rule that cannot have an effect is warned of")
    func warning() {
        let result = load(
            site(
                """
                    certificates: [{ chain: a, key: a }]
                    routes: [{ path: /, redirect: { to: /b }, rewrite: /c }]
                """))
        #expect(
            result.diagnostics.map(\.description) == [
                "m.yaml:5:14: warning: 'rewrite' has no effect where no backend is asked"
                    + " in 'sites[0].routes[0]'"
            ])
    }

    @Test("A site can do without a backend", arguments: ["redirect: { to: /b }", "respond: {}"])
    func siteAction(_ key: String) throws {
        let result = load(site("    certificates: [{ chain: a, key: a }]\n    \(key)"))
        #expect(result.diagnostics == [])
        let route = try #require(result.config?.sites.first?.routes.first)
        #expect(route.path == "/" && route.backend == nil && route.rules.action != nil)
    }
}
