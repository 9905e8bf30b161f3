import Testing

@testable import TLS

struct SHA256DigestTests {
    @Test("Equal bytes have equal digests, others do not")
    func equality() {
        let texts = ["", "abc", "abd", "abcd"]
        for one in texts {
            for other in texts {
                let left = SHA256Digest(Array(one.utf8).span)
                let right = SHA256Digest(Array(other.utf8).span)
                #expect((left == right) == (one == other))
            }
        }
    }
}
