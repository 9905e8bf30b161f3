import TLS
import Testing

@testable import Server

struct BuildFactsTests {
    @Test("The text of `martlet version` names what it speaks and is built with")
    func text() {
        let lines = BuildFacts.text.split(separator: "\n")
        #expect(lines.first == "martlet \(BuildFacts.version)")
        #expect(lines.contains { $0.hasPrefix("openssl: OpenSSL 3") })
        #expect(lines.last?.hasPrefix("features: tls1.2 tls1.3 http/1.1 h2 h2c ") == true)
    }

    /// It said the same whatever was found.
    @Test("The features are those of the OpenSSL that is loaded")
    func features() {
        let features = Set(BuildFacts.features)
        #expect(features.isSuperset(of: ["X25519", "P-256", "P-384"]))
        let isThere = TLSCatalog.current.groups.contains("X25519MLKEM768")
        #expect(features.contains("X25519MLKEM768") == isThere)
        #expect(BuildFacts.text.hasSuffix(BuildFacts.features.joined(separator: " ")))
    }
}
