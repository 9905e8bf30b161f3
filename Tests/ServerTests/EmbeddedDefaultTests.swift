import Config
import Testing

@testable import Server

struct EmbeddedDefaultTests {
    @Test(
        "A path is the same path in YAML, whatever stands in it",
        arguments: [
            "/a b", "/a\"b", "/a\\b", "/a'b", "/${HOME}/x", "/$${x", "/$", "/a: #b", "/ä", "/a\tb",
        ])
    func quoting(path: String) throws {
        let text = """
            listeners: [{ address: "127.0.0.1:0" }]
            sites:
              - hosts: [a.example]
                backend: "http://127.0.0.1:9"
                certificates: [{ chain: \(EmbeddedDefault.quoted(path)), key: k }]
            """
        let result = ConfigLoader.load(text: Array(text.utf8), file: "a") { _ in "wrong" }
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics)")
        #expect(result.config?.sites.first?.certificates.first?.chain == path)
    }
}
