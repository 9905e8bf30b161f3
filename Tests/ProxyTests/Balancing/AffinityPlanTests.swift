import Bytes
import Config
import Testing

@testable import Proxy

@Suite("AffinityPlan")
struct AffinityPlanTests {
    private static let servers = (0..<5).map { UpstreamPoolTests.pool("10.0.0.\($0):80").plan }

    private static func plan(_ config: AffinityConfig = AffinityConfig(cookie: "srv"))
        -> AffinityPlan
    {
        AffinityPlan(config, backend: "api", servers: servers)
    }

    private static func text(_ index: Int, _ plan: AffinityPlan, isTLS: Bool = true) -> String {
        String(decoding: plan.line(for: index, isTLS: isTLS), as: UTF8.self)
    }

    @Test("What the cookie says is found again as the same server")
    func roundTrip() throws {
        let plan = AffinityPlanTests.plan()
        for index in 0..<5 {
            let line = AffinityPlanTests.text(index, plan)
            let value = try #require(line.split(separator: ";").first?.dropFirst(4))
            #expect(value.count == 16)
            #expect(plan.server(named: Array(value.utf8).span) == index)
        }
    }

    @Test(
        "The cookie is for this site alone, and over TLS for TLS alone",
        arguments: [
            (AffinityConfig(cookie: "srv"), false, "; Path=/; HttpOnly; SameSite=Lax"),
            (AffinityConfig(cookie: "srv"), true, "; Path=/; HttpOnly; SameSite=Lax; Secure"),
            (
                AffinityConfig(cookie: "srv", maxAge: .seconds(3_600)), true,
                "; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure"
            ),
        ])
    func attributes(config: AffinityConfig, isTLS: Bool, attributes: String) {
        let line = AffinityPlanTests.text(0, AffinityPlanTests.plan(config), isTLS: isTLS)
        #expect(line.hasPrefix("srv="))
        #expect(line.hasSuffix(attributes))
        #expect(line.count == 4 + 16 + attributes.count)
    }

    @Test(
        "What is no token of a server names none",
        arguments: [
            "", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeF", "0123456789abcdeg",
            "0000000000000000", "ffffffffffffffff", "10.0.0.1:80",
        ])
    func strangers(value: String) {
        #expect(AffinityPlanTests.plan().server(named: Array(value.utf8).span) == nil)
    }

    @Test("Tokens are the same everywhere, say no address, and are others with a key")
    func tokens() {
        let plain = AffinityPlan.token(backend: "api", server: "127.0.0.1:9001", key: "")
        let keyed = AffinityPlan.token(backend: "api", server: "127.0.0.1:9001", key: "secret")
        #expect(AffinityPlan.spelling(plain) == "10e4d5da793f60d0")
        #expect(AffinityPlan.spelling(keyed) == "47c27850a5b85e3f")
        #expect(AffinityPlan.token(backend: "ap", server: "i127.0.0.1:9001", key: "") != plain)
        #expect(AffinityPlan.spelling(1) == "0000000000000001")
    }
}
