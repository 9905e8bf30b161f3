import Config
import Platform
import Testing

@testable import Proxy

@Suite("AddressRules")
struct AddressRulesTests {
    private func block(_ text: String) throws -> AddressBlock {
        let parts = text.split(separator: "/")
        let literal = try #require(IPLiteral(parts[0]))
        let length = parts.count == 2 ? Int(parts[1]) : literal.bitWidth
        return try #require(AddressBlock(address: literal, prefixLength: length ?? -1))
    }

    private func rules(_ allow: [String]?, _ deny: [String]) throws -> AddressRules {
        AddressRules(allow: try allow?.map(block), deny: try deny.map(block))
    }

    private func client(_ text: String) throws -> SocketAddress {
        let host = text.contains(":") ? "[\(text)]" : text
        return try #require(SocketAddress("\(host):1"))
    }

    @Test(
        "The smallest block decides",
        arguments: [
            ("9.255.255.255", false), ("10.0.0.0", true), ("10.1.1.255", true),
            ("10.1.2.0", false), ("10.1.2.2", false), ("10.1.2.3", true), ("10.1.2.4", false),
            ("10.1.2.255", false), ("10.1.3.0", true), ("10.255.255.255", true),
            ("11.0.0.0", false), ("::1", true), ("::2", false), ("2001:db8::", true),
            ("2001:db8:1::5", false), ("2001:db8:2::", true), ("2001:db9::", false),
            ("::ffff:10.0.0.1", true), ("::ffff:10.1.2.9", false),
        ])
    func nested(address: String, isAdmitted: Bool) throws {
        let rules = try rules(
            ["10.0.0.0/8", "10.1.2.3", "::1", "2001:db8::/32"], ["10.1.2.0/24", "2001:db8:1::/48"])
        #expect(rules.admits(try client(address)) == isAdmitted)
    }

    @Test("Without `allow` everybody may ask whom `deny` does not name")
    func denyOnly() throws {
        let rules = try rules(nil, ["192.0.2.0/24"])
        #expect(try !rules.admits(client("192.0.2.77")))
        #expect(try rules.admits(client("192.0.3.0")))
        #expect(try rules.admits(client("192.0.1.255")))
        #expect(rules.admits(.unix("")))
    }

    @Test("Who comes by a socket file is on no list")
    func unix() throws {
        #expect(try !rules(["0.0.0.0/0", "::/0"], []).admits(.unix("/a")))
    }

    @Test("Blocks of everything and of one address at the ends")
    func ends() throws {
        let all = try rules(["0.0.0.0/0"], ["255.255.255.255", "0.0.0.0"])
        #expect(try !all.admits(client("0.0.0.0")))
        #expect(try all.admits(client("0.0.0.1")))
        #expect(try all.admits(client("255.255.255.254")))
        #expect(try !all.admits(client("255.255.255.255")))
        #expect(try !all.admits(client("::")))
        let last = try rules(["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/1"], [])
        #expect(try last.admits(client("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")))
        #expect(try !last.admits(client("ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe")))
        #expect(try last.admits(client("7fff::1")))
        #expect(try !last.admits(client("8000::")))
    }

    @Test("A look-up says what a walk over all blocks says")
    func model() throws {
        var random = IdentifierSource(seed: (1, 2, 3, 4))
        for _ in 0..<40 {
            var blocks: [(block: AddressBlock, isAllowed: Bool)] = []
            for _ in 0..<12 {
                let length = 20 + Int(random.next() % 13)
                let bits = UInt32(truncatingIfNeeded: random.next()) & 0x3ff | 0x0a00_0000
                let mask = UInt32.max << UInt32(32 - length)
                guard let block = AddressBlock(address: .ipv4(bits & mask), prefixLength: length),
                    !blocks.contains(where: { $0.block == block })
                else { continue }
                blocks.append((block, random.next() & 1 == 0))
            }
            let rules = AddressRules(
                allow: blocks.filter(\.isAllowed).map(\.block),
                deny: blocks.filter { !$0.isAllowed }.map(\.block))
            for offset in UInt32(0)..<1_100 {
                let bits = 0x0a00_0000 + offset
                let smallest = blocks.filter { $0.block.contains(.ipv4(bits)) }
                    .max { $0.block.prefixLength < $1.block.prefixLength }
                #expect(rules.admits(.ipv4(bits, port: 1)) == smallest?.isAllowed ?? false)
            }
        }
    }
}
