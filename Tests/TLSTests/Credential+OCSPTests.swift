import TestSupport
import Testing

@testable import TLS

@Suite struct CredentialOCSPTests {
    private let authority: OCSPAuthority

    init() throws { authority = try OCSPAuthority() }

    @Test(
        "The responder is the first that is asked over HTTP",
        arguments: [
            (nil, nil), ("http://a.test/ocsp", "http://a.test/ocsp"),
            ("HTTP://A.TEST", "HTTP://A.TEST"), ("https://a.test/", nil), ("ldap://a.test/", nil),
            ("ldap://a.test/,OCSP;URI:http://b.test", "http://b.test"),
        ] as [(String?, String?)])
    func url(written: String?, found: String?) throws {
        #expect(try authority.credential(url: written).ocspURL == found)
    }

    @Test("Must-Staple is what the certificate's TLS feature says", arguments: [true, false])
    func mustStaple(_ promised: Bool) throws {
        #expect(try authority.credential(mustStaple: promised).mustStaple == promised)
    }

    @Test("A chain without the issuer leaves nothing to ask")
    func noIssuer() throws {
        let pair = try authority.authority.issue("a.test")
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        #expect(throws: OCSPError.noIssuer) { try credential.makeOCSPRequest() }
        #expect(throws: OCSPError.noIssuer) { try credential.judge(ocspResponse: [], now: 0) }
    }
}
