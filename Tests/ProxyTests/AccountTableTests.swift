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

    /// The salt of the account that a name leads to, and whether it is the name's own.
    private func look(_ name: String, in table: AccountTable) -> (salt: String, isKnown: Bool) {
        guard let found = table.account(named: Array(name.utf8).span) else { return ("", false) }
        let parts = found.account.hash.split(separator: "$")
        return (String(parts[1]), found.isKnown)
    }

    @Test("Each name has its account, any other has another's to take as long")
    func lookup() throws {
        let table = try table(["bob", "al", "alice", "zoe"])
        for (name, salt) in [
            ("bob", "salt0"), ("al", "salt1"), ("alice", "salt2"), ("zoe", "salt3"),
        ] {
            let found = look(name, in: table)
            #expect(found.isKnown && found.salt == salt)
        }
        for name in ["", "a", "ali", "alicf", "bobb", "zz", "BOB"] {
            let found = look(name, in: table)
            #expect(!found.isKnown && !found.salt.isEmpty)
        }
    }

    @Test("The first of two with one name counts")
    func twice() throws {
        #expect(look("al", in: try table(["al", "al"])).salt == "salt0")
    }

    @Test("The question names the realm")
    func challenge() throws {
        let text = String(decoding: try table(["al"]).challenge, as: UTF8.self)
        #expect(text == "Basic realm=\"the place\", charset=\"UTF-8\"")
    }
}
