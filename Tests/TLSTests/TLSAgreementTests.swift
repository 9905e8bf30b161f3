import Testing

@testable import TLS

struct TLSAgreementTests {
    @Test(
        "What was agreed on is told at once", arguments: TLSVersion.allCases,
        [(["h2"], true), (["http/1.1"], false), ([], false)] as [([String], Bool)])
    func told(_ version: TLSVersion, _ row: ([String], Bool)) throws {
        let sites = try TestSites()
        var pair = try Handshake(
            sites.context(alpn: ["h2", "http/1.1"]), sites.client(version, alpn: row.0))
        pair.run()
        let agreement = pair.server.agreement
        let facts = (pair.isEstablished, pair.server.cipherSuiteID, pair.server.groupID)
        #expect(facts.0)
        #expect(agreement.version == version)
        #expect(agreement.speaksHTTP2 == row.1)
        #expect(!agreement.isResumed && !agreement.isEarlyDataAccepted)
        #expect(agreement.cipherSuiteID == facts.1 && facts.1 != nil)
        #expect(agreement.groupID == facts.2 && facts.2 != nil)
    }
}
