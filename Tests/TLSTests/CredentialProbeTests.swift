import Testing

@testable import TLS

struct CredentialProbeTests {
    @Test("What is served passes, time and again and after a refusal", arguments: 1...3)
    func passes(_ round: Int) throws {
        let sites = try TestSites()
        let credential = try sites.credential("a\(round).test")
        try CredentialProbe.check(credential)
        #expect(throws: CredentialError.self) {
            try Credential(
                chainPEM: Array(Fixtures.weakCertificate.utf8),
                keyPEM: Array(Fixtures.weakKey.utf8))
        }
        try CredentialProbe.check(credential)
        #expect(ErrorQueue.take() == nil)
    }
}
