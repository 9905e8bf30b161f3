import Testing

@testable import TLS

struct SigningKeyTests {
    @Test("A key survives being written and read", arguments: KeyAlgorithm.allCases)
    func roundTrip(_ algorithm: KeyAlgorithm) throws {
        let key = try SigningKey(algorithm)
        let pem = try key.pem()
        let again = try SigningKey(pem: pem)
        let copy = try again.pem()
        #expect(copy == pem)
        #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
    }

    @Test("No two keys are alike")
    func fresh() throws {
        let (one, other) = (try SigningKey().pem(), try SigningKey().pem())
        #expect(one != other)
    }

    @Test(
        "What is no key, or needs a passphrase, is refused without asking",
        arguments: ["", "text", Fixtures.encryptedKey, Fixtures.weakCertificate])
    func refused(_ pem: String) {
        let error = #expect(throws: TLSError.self) { _ = try SigningKey(pem: Array(pem.utf8)) }
        #expect(error?.operation == "read the authority's key")
        #expect(ErrorQueue.take() == nil)
    }
}
