import Config
import TestSupport
import Testing

@testable import Server

struct AccountLoaderTests {
    private let folder: TemporaryFolder
    private static let hash = "$2y$05$" + String(repeating: "a", count: 53)

    init() throws { folder = try TemporaryFolder() }

    private func load(_ text: String?) throws -> AccountLoader {
        if let text { try folder.write(text, to: "htpasswd") }
        let auth = BasicAuthConfig(
            file: FileReference(path: folder.path("htpasswd"), mark: SourceMark(line: 3, column: 4))
        )
        var config = ProxyConfig()
        config.sites = [
            SiteConfig(
                hosts: ["a"],
                routes: [RouteConfig(path: "/", backend: 0, rules: RuleConfig(basicAuth: auth))])
        ]
        #expect(AccountLoader.files(config) == [folder.path("htpasswd")])
        var loader = AccountLoader(file: "m.yaml")
        loader.load(config)
        return loader
    }

    @Test("Accounts, comments and empty lines are read, with either line end")
    func good() throws {
        let hash = AccountLoaderTests.hash
        let loader = try load("# who\n\nalice:\(hash)\r\nbob:\(hash)\n")
        #expect(loader.diagnostics.isEmpty)
    }

    @Test(
        "What is wrong with a file is said where it is named",
        arguments: [
            (nil, "cannot read the accounts: "), ("", "has no account: nobody could ask"),
            ("# a\nalice:secret\n", ", line 2: the password of 'alice' is not hashed"),
            ("alice", ", line 1: an account is 'NAME:HASH'"),
        ] as [(String?, String)])
    func bad(text: String?, message: String) throws {
        let loader = try load(text)
        #expect(loader.diagnostics.count == 1)
        let diagnostic = try #require(loader.diagnostics.first)
        #expect(diagnostic.description.hasPrefix("m.yaml:3:4: error: "))
        #expect(diagnostic.description.contains(message), "\(diagnostic)")
        #expect(!diagnostic.description.contains("secret"))
    }

    @Test("Routes with the same accounts share them")
    func shared() throws {
        var loader = try load("alice:\(AccountLoaderTests.hash)\n")
        let rules = RuleConfig(basicAuth: BasicAuthConfig(realm: "x"))
        let first = loader.table(of: rules)
        let second = loader.table(of: rules)
        let none = loader.table(of: RuleConfig())
        let other = loader.table(of: RuleConfig(basicAuth: BasicAuthConfig(realm: "y")))
        #expect(first != nil && first === second)
        #expect(none == nil)
        #expect(other != nil && other !== first)
    }
}
