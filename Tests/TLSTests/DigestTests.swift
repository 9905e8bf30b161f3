import Testing

@testable import TLS

struct DigestTests {
    @Test("SHA-256 is that of the standard")
    func standard() {
        let digest = Digest.sha256(Array("abc".utf8))
        #expect(digest.prefix(4) == [0xba, 0x78, 0x16, 0xbf] && digest.count == 32)
    }

    @Test("SHA-1 is that of the standard")
    func shorter() {
        let digest = Digest.sha1(Array("abc".utf8))
        #expect(digest.prefix(4) == [0xa9, 0x99, 0x3e, 0x36] && digest.count == 20)
    }
}
