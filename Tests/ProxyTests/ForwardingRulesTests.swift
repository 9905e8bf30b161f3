import Config
import Platform
import Testing

@testable import Proxy

@Suite("ForwardingRules")
struct ForwardingRulesTests {
    private func rules(_ blocks: [(IPLiteral, Int)]) throws -> ForwardingRules {
        var config = ForwardingConfig()
        config.trusted = try blocks.map {
            try #require(AddressBlock(address: $0.0, prefixLength: $0.1))
        }
        return ForwardingRules(config)
    }

    @Test(
        "A client is trusted exactly when a block has its address",
        arguments: [
            (SocketAddress.ipv4(0x0a00_0001, port: 1), true),
            (.ipv4(0x0aff_ffff, port: 1), true),
            (.ipv4(0x0b00_0000, port: 1), false),
            (.ipv4(0x09ff_ffff, port: 1), false),
            (.ipv6(0xfd00_0000_0000_0000, 1, port: 1), true),
            (.ipv6(0xfe00_0000_0000_0000, 1, port: 1), false),
            (.unix("/run/x"), false),
        ])
    func blocks(client: SocketAddress, isTrusted: Bool) throws {
        let blocks = [
            (IPLiteral.ipv4(0x0a00_0000), 8), (.ipv6(0xfd00_0000_0000_0000, 0), 8),
        ]
        #expect(try rules(blocks).trusts(client) == isTrusted)
        #expect(try !rules([]).trusts(client))
    }

    @Test("What is sent is what the configuration says", arguments: [true, false], [true, false])
    func flags(first: Bool, second: Bool) {
        var config = ForwardingConfig()
        config.xForwarded = first
        config.forwarded = second
        config.via = first != second
        let rules = ForwardingRules(config)
        #expect(rules.sendsXForwarded == first)
        #expect(rules.sendsForwarded == second)
        #expect(rules.sendsVia == (first != second))
    }
}
