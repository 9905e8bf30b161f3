import Testing

@testable import TLS

struct MemoryBIOTests {
    @Test("It holds a copy of what it was given", arguments: [0, 1, 64, 100_000])
    func bytes(_ count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        guard let bio = MemoryBIO(bytes) else {
            Issue.record("no BIO")
            return
        }
        let (held, twice) = (bio.bytes, bio.bytes)
        #expect(held == bytes && twice == bytes)
        let text = bio.text
        #expect(text == String(decoding: bytes, as: UTF8.self))
    }
}
