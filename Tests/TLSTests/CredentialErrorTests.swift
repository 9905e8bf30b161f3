import Testing

@testable import TLS

struct CredentialErrorTests {
    @Test(
        "Each error is one line that says what is wrong, or what to do",
        arguments: [
            (.noCertificate, "-----BEGIN CERTIFICATE-----"),
            (
                .unreadableCertificate("bad end line"),
                "a certificate of the chain cannot be read: bad end line"
            ),
            (.noKey, "-----BEGIN PRIVATE KEY-----"),
            (.encryptedKey, "openssl pkey -in KEY -out NEW"),
            (.unreadableKey("bad end line"), "the private key cannot be read: bad end line"),
            (.keyMismatch, "does not belong to any certificate of the chain"),
            (.refused("ee key too small"), "OpenSSL does not accept the pair: ee key too small"),
        ] as [(CredentialError, String)])
    func description(_ error: CredentialError, _ part: String) {
        #expect("\(error)".contains(part))
        #expect(!"\(error)".contains("\n"))
    }
}
