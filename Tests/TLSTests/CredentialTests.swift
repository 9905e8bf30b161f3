import TestSupport
import Testing

@testable import TLS

struct CredentialTests {
    private let authority: TestAuthority

    init() throws { authority = try TestAuthority() }

    @Test("A credential knows what operators want to know", arguments: KeyAlgorithm.allCases)
    func facts(_ algorithm: KeyAlgorithm) throws {
        let pair = try authority.issue("A.test", "*.b.test", "192.0.2.1", algorithm: algorithm)
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        #expect(credential.names == ["a.test", "*.b.test"])
        #expect(credential.keyKind == (algorithm == .rsa ? "RSA 2048" : "ECDSA P-256"))
        #expect(credential.keyAlgorithm == (algorithm == .rsa ? "RSA2048" : "EC256"))
        #expect(credential.signatureAlgorithm == "ecdsa-with-SHA256")
        #expect(credential.issuer == "CN=Test CA")
        #expect(credential.subject == "CN=A.test")
        #expect(credential.chainLength == 1)
        #expect(credential.notAfter > credential.notBefore)
        #expect(credential.sha256Fingerprint.utf8.count == 64)
        #expect(!credential.serial.isEmpty)
    }

    @Test("An expired certificate is a credential: who serves it decides")
    func expired() throws {
        let pair = try authority.issue("a.test", validity: .seconds(-60))
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        let validity = credential.notAfter - credential.notBefore
        #expect((3_000..<3_600).contains(validity))
    }

    @Test("A key in any of the usual forms is read")
    func otherKeys() throws {
        let p384 = try Credential(
            chainPEM: Array(Fixtures.p384Certificate.utf8), keyPEM: Array(Fixtures.p384Key.utf8))
        #expect(p384.keyKind == "ECDSA P-384")
        #expect(p384.keyAlgorithm == "EC384")
        let ed25519 = try Credential(
            chainPEM: Array(Fixtures.ed25519Certificate.utf8),
            keyPEM: Array(Fixtures.ed25519Key.utf8))
        #expect(ed25519.keyKind == "Ed25519")
        #expect(ed25519.keyAlgorithm == "")
        #expect(ed25519.signatureAlgorithm == "ED25519")
    }

    @Test("Chain and key may stand in one file, with text around them and any line ends")
    func oneFile() throws {
        let pair = try authority.issue("a.test")
        let text =
            "# the key\n" + String(decoding: pair.key, as: UTF8.self) + "\nthe chain\n"
            + String(decoding: pair.certificate, as: UTF8.self) + "the end"
        let windows = text.split(separator: "\n", omittingEmptySubsequences: false)
            .joined(separator: "\r\n")
        for whole in [text, windows] {
            let bytes = Array(whole.utf8)
            let credential = try Credential(chainPEM: bytes, keyPEM: bytes)
            #expect(credential.names == ["a.test"])
        }
    }

    @Test("The chain is put in order, whatever order it comes in")
    func order() throws {
        let leaf = try authority.issue("a.test")
        let chain = authority.pair.certificate + leaf.certificate
        let credential = try Credential(chainPEM: chain, keyPEM: leaf.key)
        #expect(credential.subject == "CN=a.test")
        #expect(credential.chainLength == 2)
    }

    @Test("A key of another certificate is no match", arguments: KeyAlgorithm.allCases)
    func mismatch(_ algorithm: KeyAlgorithm) throws {
        let pair = try authority.issue("a.test")
        let other = try authority.issue("a.test", algorithm: algorithm)
        #expect(throws: CredentialError.keyMismatch) {
            try Credential(chainPEM: pair.certificate, keyPEM: other.key)
        }
        #expect(throws: CredentialError.keyMismatch) {
            try Credential(chainPEM: other.certificate, keyPEM: pair.key)
        }
    }

    @Test("What is no pair is told apart")
    func unusable() throws {
        let pair = try authority.issue("a.test")
        let publicKey = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
        let table: [([UInt8], [UInt8], CredentialError)] = [
            ([], pair.key, .noCertificate), (Array("text".utf8), pair.key, .noCertificate),
            (pair.key, pair.key, .noCertificate), (pair.certificate, [], .noKey),
            (pair.certificate, pair.certificate, .noKey),
            (pair.certificate, Array(publicKey.utf8), .noKey),
            (pair.certificate, Array(Fixtures.encryptedKey.utf8), .encryptedKey),
            (pair.certificate, Array(Fixtures.encryptedTraditionalKey.utf8), .encryptedKey),
        ]
        for (chain, key, error) in table {
            #expect(throws: error) { try Credential(chainPEM: chain, keyPEM: key) }
            #expect(ErrorQueue.take() == nil)
        }
    }

    @Test("A damaged or half-written file is unreadable")
    func damaged() throws {
        let pair = try authority.issue("a.test")
        for count in [pair.certificate.count / 2, pair.certificate.count - 10] {
            let error = #expect(throws: CredentialError.self) {
                try Credential(
                    chainPEM: Array(pair.certificate.prefix(count)), keyPEM: pair.key)
            }
            guard case .unreadableCertificate = error else {
                Issue.record("\(error as Any)")
                return
            }
        }
        for count in [pair.key.count / 2, pair.key.count - 10] {
            let error = #expect(throws: CredentialError.self) {
                try Credential(
                    chainPEM: pair.certificate, keyPEM: Array(pair.key.prefix(count)))
            }
            guard case .unreadableKey = error else {
                Issue.record("\(error as Any)")
                return
            }
        }
        // The second certificate of the chain counts as well.
        let halves = pair.certificate + authority.pair.certificate.prefix(200)
        #expect(throws: CredentialError.self) {
            try Credential(chainPEM: halves, keyPEM: pair.key)
        }
        #expect(ErrorQueue.take() == nil)
    }

    @Test("A key that OpenSSL would not serve is refused")
    func weak() throws {
        #expect(throws: CredentialError.refused("ee key too small")) {
            try Credential(
                chainPEM: Array(Fixtures.weakCertificate.utf8),
                keyPEM: Array(Fixtures.weakKey.utf8))
        }
        #expect(ErrorQueue.take() == nil)
    }

    @Test(
        "The names that a certificate covers",
        arguments: [
            ("a.test", true), ("A.TEST", true), ("x.a.test", false), ("x.b.test", true),
            ("x.y.b.test", false), ("b.test", false), ("*.b.test", true), ("*.a.test", false),
            ("192.0.2.1", true), ("192.0.2.2", false), ("2001:db8::1", true),
            ("[2001:db8::1]", true), ("[2001:db8::2]", false), ("", false), ("[", false),
            ("a.test\0.evil.test", false), ("192.0.2.1\0.evil.test", false), (".b.test", false),
            (".", false),
        ])
    func covers(_ host: String, _ isCovered: Bool) throws {
        let pair = try authority.issue("a.test", "*.b.test", "192.0.2.1", "2001:db8::1")
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        #expect(credential.covers(host: host) == isCovered)
        #expect(ErrorQueue.take() == nil)
    }
}
