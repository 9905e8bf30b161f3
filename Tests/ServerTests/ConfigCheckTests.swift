import TestSupport
import Testing

@testable import Server

struct ConfigCheckTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let authority = try TestAuthority()
        let pair = authority.completed(try authority.issue("localhost"))
        try TestAuthority.write(pair, as: "cert", in: folder)
    }

    private func check(
        _ key: String = "cert.key", listener: String = "127.0.0.1:0", more: String = ""
    ) throws -> (isGood: Bool, diagnostics: [String]) {
        let text = """
            listeners: [{ address: "\(listener)" }]
            sites:
              - hosts: localhost
                certificates: [{ chain: cert.pem, key: \(key) }]
                backend: "http://127.0.0.1:9"
            \(more)
            """
        return ConfigCheck.run(.file(try folder.write(text, to: "m.yaml")))
    }

    @Test("A good configuration has nothing to say")
    func good() throws {
        let outcome = try check()
        #expect(outcome.isGood && outcome.diagnostics.isEmpty, "\(outcome.diagnostics)")
    }

    @Test("A warning is told, and is good")
    func warning() throws {
        let outcome = try check(more: "backends: { spare: { servers: \"127.0.0.1:9\" } }")
        #expect(outcome.isGood)
        #expect(outcome.diagnostics.count == 1 && outcome.diagnostics[0].contains(": warning: "))
    }

    @Test("A file where a listener or the admin endpoint is to be is told, and is not good")
    func occupied() throws {
        let address = "unix:" + (try folder.write("", to: "a.sock"))
        let outcomes = [
            try check(listener: address), try check(more: "admin: { address: \"\(address)\" }"),
        ]
        for outcome in outcomes {
            #expect(!outcome.isGood)
            #expect(outcome.diagnostics.count == 1, "\(outcome.diagnostics)")
            #expect(outcome.diagnostics[0].contains("m.yaml:1:"))
            #expect(outcome.diagnostics[0].contains("\(address): what stands there is no socket; "))
        }
        #expect(try folder.read("a.sock") == "")
    }

    @Test("A mistake in the file, in what it names, or a missing file is told, and is not good")
    func bad() throws {
        let outcomes = [
            try check(more: "x: 1"), try check("none.key"), ConfigCheck.run(.file("/nowhere.yaml")),
        ]
        for outcome in outcomes {
            #expect(!outcome.isGood)
            #expect(outcome.diagnostics.count == 1, "\(outcome.diagnostics)")
            #expect(outcome.diagnostics[0].contains(": error: "))
        }
    }
}
