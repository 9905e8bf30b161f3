internal import COpenSSL
import Testing

@testable import TLS

struct PrivateKeyReaderTests {
    /// Ed25519, under the passphrase "swordfish"; used nowhere else.
    private static let encrypted = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjgBC5yJfsZEAICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEJYrSqzyGqKje5ljC2yB7uIEQLvH
        0mWyjsiFpBc7Ifxusv0sgiWuXdBObTtjhniT/34oVsJ89qQGQfLK5pwlXLvl8g3Y
        +GP9VmhJnJHptyBJ4/0=
        -----END ENCRYPTED PRIVATE KEY-----
        """

    private func read(_ pem: String, _ passphrase: String?) throws(CredentialError) -> Int32 {
        let bytes = passphrase.map { Array($0.utf8) }
        let key = try unsafe PrivateKeyReader.read(Array(pem.utf8), passphrase: bytes)
        // SAFETY: the key is ours, and freed here.
        defer { unsafe EVP_PKEY_free(key) }
        return unsafe EVP_PKEY_get_base_id(key)
    }

    @Test("A key opens with its passphrase and no other")
    func passphrases() throws {
        let key = PrivateKeyReaderTests.encrypted
        #expect(try read(key, "swordfish") == EVP_PKEY_ED25519)
        #expect(throws: CredentialError.encryptedKey) { try read(key, nil) }
        for wrong in ["", "swordfis", "swordfish\n", String(repeating: "a", count: 1_024)] {
            #expect(throws: CredentialError.wrongPassphrase) { try read(key, wrong) }
            #expect(ErrorQueue.take() == nil)
        }
        // OpenSSL has no room for more: refused, not cut.
        let long = String(repeating: "a", count: 1_025)
        #expect(throws: CredentialError.wrongPassphrase) { try read(key, long) }
        #expect(ErrorQueue.take() == nil)
    }

    @Test("A key without a passphrase opens with any")
    func needless() throws {
        #expect(try read(Fixtures.ed25519Key, "anything") == EVP_PKEY_ED25519)
        #expect(try read(Fixtures.ed25519Key, nil) == EVP_PKEY_ED25519)
    }

    @Test("What is no key is told apart", arguments: ["", "text", Fixtures.ed25519Certificate])
    func none(_ text: String) {
        #expect(throws: CredentialError.noKey) { try read(text, "swordfish") }
        #expect(ErrorQueue.take() == nil)
    }
}
