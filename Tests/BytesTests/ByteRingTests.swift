import Bytes
import Testing

struct ByteRingTests {
    @Test(
        "The capacity is the next power of two, and not below a page",
        arguments: [(0, 4096), (1, 4096), (4096, 4096), (4097, 8192), (70_000, 131_072)])
    func capacity(_ asked: Int, _ expected: Int) {
        #expect(ByteRing(capacity: asked).capacity == expected)
    }

    @Test("What does not fit is refused whole", arguments: [4095, 4096, 4097])
    func full(_ count: Int) {
        let ring = ByteRing(capacity: 4096)
        let bytes = [UInt8](repeating: 1, count: count)
        let isWritten = ring.write(bytes.span)
        #expect(isWritten == (count <= 4096))
        #expect(ring.isEmpty == (count > 4096))
        #expect(ring.count == (count <= 4096 ? count : 0))
        var queue = ByteQueue()
        ring.drain(into: &queue)
        let drained = queue.count
        #expect(drained == (count <= 4096 ? count : 0))
        #expect(ring.isEmpty)
    }

    @Test("An empty ring drains nothing and takes nothing without complaint")
    func empty() {
        let ring = ByteRing(capacity: 4096)
        var queue = ByteQueue()
        ring.drain(into: &queue)
        let isWritten = ring.write([UInt8]().span)
        #expect(isWritten)
        #expect(ring.isEmpty)
        let drained = queue.count
        #expect(drained == 0)
    }

    @Test("Bytes keep their order around the end of the ring")
    func wrapping() {
        let ring = ByteRing(capacity: 4096)
        var queue = ByteQueue()
        var written: [UInt8] = []
        for round in 0..<40 {
            let piece = (0..<(500 + round)).map { UInt8(truncatingIfNeeded: $0 + round) }
            let isWritten = ring.write(piece.span)
            #expect(isWritten)
            written += piece
            if round % 3 == 2 { ring.drain(into: &queue) }
        }
        ring.drain(into: &queue)
        let read = [UInt8](copying: queue.bytes)
        #expect(read == written)
    }

    @Test("One thread writes while another reads, and nothing is lost or mixed")
    func threads() async {
        let ring = ByteRing(capacity: 4096)
        let total = 200_000
        async let received = Task.detached {
            var queue = ByteQueue()
            while queue.count < total {
                ring.drain(into: &queue)
                await Task.yield()
            }
            return [UInt8](copying: queue.bytes)
        }.value
        var next = 0
        while next < total {
            let piece = (next..<min(total, next + 97)).map { UInt8(truncatingIfNeeded: $0 % 251) }
            if ring.write(piece.span) { next += piece.count } else { await Task.yield() }
        }
        let expected = (0..<total).map { UInt8(truncatingIfNeeded: $0 % 251) }
        #expect(await received == expected)
    }
}
