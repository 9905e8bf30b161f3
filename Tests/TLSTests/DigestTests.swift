import Testing

@testable import TLS

struct DigestTests {
    @Test("SHA-256 is that of the standard")
    func standard() {
        let digest = Digest.sha256(Array("abc".utf8))
        #expect(digest.prefix(4) == [0xba, 0x78, 0x16, 0xbf] && digest.count == 32)
    }
}
