import TestSupport
import Testing

@testable import TLS

extension ClientIdentity {
    /// Reads the first certificate of a pair.
    static func read(_ pair: PEMPair) throws -> ClientIdentity {
        let chain = try CertificateChain(pem: pair.certificate)
        // SAFETY: lifetime: the chain lives during the call.
        guard let leaf = unsafe chain.certificates.first else {
            throw CredentialError.noCertificate
        }
        return unsafe ClientIdentity(leaf)
    }
}

struct ClientIdentityTests {
    @Test("Subject and alternative names are read as they are spelled")
    func names() throws {
        let pair = try ClientAuthority().issue(
            "/O=Müller, Söhne/CN=alice",
            names: "DNS:A.clients.test,DNS:b.test,URI:spiffe://x.test/a,email:Al@x.test,IP:::1")
        let client = try ClientIdentity.read(pair)
        #expect(client.dnsNames == ["A.clients.test", "b.test"].map { Array($0.utf8) })
        #expect(client.uris == [Array("spiffe://x.test/a".utf8)])
        #expect(client.emails == [Array("Al@x.test".utf8)])
        #expect(client.subject == Array(#"CN=alice,O=M\C3\BCller\, S\C3\B6hne"#.utf8))
        #expect(client.plainSubject == Array(#"CN=alice,O=Müller\, Söhne"#.utf8))
        #expect(client.sha256Fingerprint.count == 64)
        #expect(Base64.encode(client.certificate).count > 400)
    }

    @Test("A certificate without alternative names has none")
    func plain() throws {
        let client = try ClientIdentity.read(ClientAuthority().issue("/CN=alice"))
        #expect(client.dnsNames.isEmpty && client.uris.isEmpty && client.emails.isEmpty)
        #expect(ErrorQueue.take() == nil)
    }
}
