import Config
import Testing

@testable import Proxy

@Suite("AccountTable")
struct AccountTableTests {
    private func table(_ names: [String]) throws -> AccountTable {
        let entries = try names.enumerated().map { index, name in
            try PasswordEntry("\(name):$5$salt\(index)$" + String(repeating: "a", count: 43))
        }
        return AccountTable(BasicAuthConfig(realm: "the place"), entries: entries)
    }

    @Test("Each name has its account, any other has another's to take as long")
    func lookup() throws {
        let table = try table(["bob", "al", "alice", "zoe"])
        for (name, salt) in [
            ("bob", "salt0"), ("al", "salt1"), ("alice", "salt2"), ("zoe", "salt3"),
        ] {
            let found = try #require(table.account(named: Array(name.utf8).span))
            #expect(found.isKnown && found.account.hash.hasPrefix("$5$\(salt)$"))
        }
        for name in ["", "a", "ali", "alicf", "bobb", "zz", "BOB"] {
            let found = try #require(table.account(named: Array(name.utf8).span))
            #expect(!found.isKnown)
        }
    }

    @Test("The first of two with one name counts")
    func twice() throws {
        let found = try #require(try table(["al", "al"]).account(named: Array("al".utf8).span))
        #expect(found.account.hash.hasPrefix("$5$salt0$"))
    }

    @Test("The question names the realm")
    func challenge() throws {
        let text = String(decoding: try table(["al"]).challenge, as: UTF8.self)
        #expect(text == "Basic realm=\"the place\", charset=\"UTF-8\"")
    }
}
