import Testing

@testable import TLS

struct CertificateDraftTests {
    // OpenSSL's numbers of extensions: basic constraints, and no extension at all.
    private static let (basicConstraints, undefined) = (Int32(87), Int32(0))

    private static func draft(_ name: String?) throws(TLSError) -> CertificateDraft {
        try CertificateDraft(commonName: name, key: SigningKey(), validity: .seconds(60))
    }

    @Test("A common name has 64 characters at most", arguments: [0, 1, 63, 64, 65])
    func commonNames(_ count: Int) throws {
        let name = String(repeating: "n", count: count)
        guard count <= 64 else {
            let error = #expect(throws: TLSError.self) { _ = try CertificateDraftTests.draft(name) }
            #expect(error?.operation == "make a certificate for '\(name)'")
            return
        }
        let key = try SigningKey()
        let draft = try CertificateDraft(commonName: name, key: key, validity: .seconds(60))
        try draft.setIssuer(draft)
        try draft.sign(with: key)
        let credential = try Credential(chainPEM: draft.pem(), keyPEM: key.pem())
        #expect(credential.subject == (count == 0 ? "" : "CN=\(name)"))
        #expect(credential.names == (count == 0 ? [] : [name]))
    }

    @Test("What is no extension is refused in words")
    func extensions() throws {
        let draft = try CertificateDraftTests.draft("a.test")
        let table = [
            ("CA:PERHAPS", CertificateDraftTests.basicConstraints),
            ("", CertificateDraftTests.basicConstraints),
            ("CA:TRUE", CertificateDraftTests.undefined),
        ]
        for (value, kind) in table {
            do throws(TLSError) {
                try draft.add(value, kind, issuer: draft)
                Issue.record("'\(value)' was added")
            } catch {
                #expect(error.operation == "add '\(value)' to a certificate")
                #expect(error.reason != "no reason given")
            }
            #expect(ErrorQueue.take() == nil)
        }
    }

    @Test("A certificate that is read is the one that was written")
    func roundTrip() throws {
        let key = try SigningKey()
        let draft = try CertificateDraft(commonName: "a.test", key: key, validity: .seconds(60))
        try draft.setIssuer(draft)
        try draft.sign(with: key)
        let pem = try draft.pem()
        let again = try CertificateDraft(pem: pem)
        let copy = try again.pem()
        #expect(copy == pem)
        #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN CERTIFICATE-----\n"))
    }

    @Test("What is no certificate is not read", arguments: ["", "text", "-----BEGIN CERTIFICATE"])
    func unreadable(_ text: String) {
        let error = #expect(throws: TLSError.self) {
            _ = try CertificateDraft(pem: Array(text.utf8))
        }
        #expect(error?.operation == "read the authority's certificate")
        #expect(ErrorQueue.take() == nil)
    }
}
