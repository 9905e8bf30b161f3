import Testing

@testable import TLS

struct SHA256DigestTests {
    @Test("Equal bytes have equal digests, others do not")
    func equality() {
        let one = SHA256Digest(Array("abc".utf8).span)
        #expect(one == SHA256Digest(Array("abc".utf8).span))
        #expect(one != SHA256Digest(Array("abd".utf8).span))
        #expect(one != SHA256Digest([].span))
    }
}
