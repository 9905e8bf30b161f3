import Testing

@testable import TLS

struct CipherSuiteTests {
    @Test("Exactly the suites with forward secrecy, a certificate and long tags are strong")
    func strength() {
        let suites = TLSCatalog.current.cipherSuites
        #expect(suites.count > 50)
        for suite in suites {
            let name = suite.standardName
            let isModern = suite.version == .tls13
            let hasSecrecy = ["TLS_ECDHE_RSA", "TLS_ECDHE_ECDSA", "TLS_DHE_RSA"].contains {
                name.hasPrefix($0 + "_WITH_")
            }
            let isSealed = ["GCM", "CCM", "POLY1305"].contains { name.contains($0) }
            let isStrong = (isModern || hasSecrecy) && isSealed && !name.contains("CCM_8")
            #expect((suite.weakness == nil) == isStrong, "\(name): \(suite.weakness ?? "")")
        }
    }

    @Test("Versions are those of the suites")
    func versions() {
        for suite in TLSCatalog.current.cipherSuites {
            let isModern = suite.name == suite.standardName && suite.name.hasPrefix("TLS_")
            #expect((suite.version == .tls13) == isModern, "\(suite.name)")
        }
    }
}
