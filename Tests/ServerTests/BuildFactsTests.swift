import Testing

@testable import Server

struct BuildFactsTests {
    @Test("The text of `martlet version` names what it speaks and is built with")
    func text() {
        let lines = BuildFacts.text.split(separator: "\n")
        #expect(lines.first == "martlet \(BuildFacts.version)")
        #expect(lines.contains { $0.hasPrefix("openssl: OpenSSL 3") })
        #expect(lines.last == "features: tls1.2 tls1.3 http/1.1 h2 h2c")
    }
}
