import TestSupport
import Testing

@testable import TLS

struct ClientRuleTests {
    @Test(
        "A rule is about one kind of name, and says so by its form",
        arguments: [
            ("CN=alice", ClientRule.subject(Array("CN=alice".utf8))),
            ("CN=a:b@c", .subject(Array("CN=a:b@c".utf8))),
            ("spiffe://x/a?b=c", .uri(Array("spiffe://x/a?b=c".utf8))),
            ("Al@X.test", .email(Array("Al@X.test".utf8))),
            ("A.Test", .dns(Array("a.test".utf8))),
            ("*.Clients.test", .dnsBelow(Array(".clients.test".utf8))),
        ])
    func kinds(_ text: String, _ rule: ClientRule) {
        #expect(ClientRule(text) == rule)
    }

    @Test(
        "A rule is about exactly those whom it names",
        arguments: [
            ("CN=alice,O=Example", true), ("CN=alice", false), ("cn=alice,O=Example", false),
            ("O=Example,CN=alice", false), ("a.clients.test", true), ("A.CLIENTS.TEST", true),
            ("*.clients.test", true), ("*.test", false), ("*.a.clients.test", false),
            ("clients.test", false), ("b.clients.test", false), ("*.deep.test", false),
            ("*.below.deep.test", true), ("spiffe://x.test/a", true), ("spiffe://x.test/", false),
            ("SPIFFE://x.test/a", false), ("al@x.test", true), ("x.test", false),
            ("Al@x.test", false), (".clients.test", false),
        ])
    func matches(_ text: String, _ isAbout: Bool) throws {
        #expect(ClientRule(text).matches(try ClientRuleTests.alice.get()) == isAbout)
    }

    private static let alice = Result {
        try ClientIdentity.read(
            ClientAuthority().issue(
                "/O=Example/CN=alice",
                names: "DNS:a.clients.test,DNS:one.below.deep.test,URI:spiffe://x.test/a,"
                    + "email:al@x.test"))
    }

    @Test("Letters beyond ASCII may be written as they are, or escaped")
    func letters() throws {
        let client = try ClientIdentity.read(ClientAuthority().issue("/CN=Jörg"))
        #expect(ClientRule("CN=Jörg").matches(client))
        #expect(ClientRule(#"CN=J\C3\B6rg"#).matches(client))
        // The same letter to Unicode, and another to everybody else.
        #expect(!ClientRule("CN=Jo\u{308}rg").matches(client))
    }
}
