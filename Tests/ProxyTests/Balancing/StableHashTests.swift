import Bytes
import Testing

@testable import Proxy

@Suite("StableHash")
struct StableHashTests {
    /// A release that hashed otherwise would send every key to another server.
    @Test(
        "The hash of a key is the same in every release",
        arguments: [
            ("", UInt64(0xf52a15e9a9b5e89b)), ("a", 0x2c0bdbf481420f8),
            ("127.0.0.1:9001", 0x1282911294b0f0de),
        ])
    func constant(text: String, hash: UInt64) {
        #expect(StableHash.of(text) == hash)
        var other = StableHash()
        other.add(Array(text.utf8).span)
        #expect(other.value == StableHash.of(text))
    }

    @Test("Numbers that differ in one bit have hashes that share half of theirs")
    func spread() {
        var first = StableHash()
        first.add(UInt64(1))
        for bit in 0..<64 {
            var second = StableHash()
            second.add(UInt64(1) ^ 1 << UInt64(bit))
            let differing = (first.value ^ second.value).nonzeroBitCount
            #expect((12...52).contains(differing))
        }
    }
}
