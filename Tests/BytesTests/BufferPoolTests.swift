import Testing

@testable import Bytes

struct BufferPoolTests {
    @Test(
        "A block is of the smallest size that fits",
        arguments: [
            (0, 4096), (1, 4096), (4095, 4096), (4096, 4096), (4097, 18_432), (18_432, 18_432),
            (18_433, 73_728), (73_728, 73_728), (73_729, 139_264), (139_264, 139_264),
            (139_265, 286_720), (286_720, 286_720), (286_721, 327_680),
        ])
    func sizes(_ count: Int, _ size: Int) {
        #expect(BufferPool.blockSize(for: count) == size)
        let pool = BufferPool()
        var queue = ByteQueue(pool: pool)
        queue.append([UInt8](repeating: 0, count: max(count, 1)).span)
        let capacity = queue.capacity
        #expect(capacity == size)
        #expect(pool.usedBytes == size)
    }

    @Test("A block that was given back is used again", arguments: 0..<5)
    func reuse(_ place: Int) {
        let size = BufferPool.blockSizes[place]
        let pool = BufferPool()
        for _ in 0..<3 {
            var queue = ByteQueue(pool: pool)
            queue.reserve(size)
            #expect(pool.idleBytes == 0)
            #expect(pool.usedBytes == size)
            queue.releaseStorageIfEmpty()
            #expect(pool.idleBytes == size)
        }
    }

    @Test("Blocks beyond the pooled sizes are never kept")
    func large() {
        let pool = BufferPool()
        var queue = ByteQueue(pool: pool)
        queue.reserve(300_000)
        queue.releaseStorageIfEmpty()
        #expect(pool.idleBytes == 0)
        #expect(pool.usedBytes == 0)
    }

    @Test("Idle memory stays within its limit", arguments: [4095, 4096, 4097, 8191, 8192])
    func limit(_ maximum: Int) {
        let pool = BufferPool(maximumIdleBytes: maximum)
        var first = ByteQueue(pool: pool)
        var second = ByteQueue(pool: pool)
        first.append("a")
        second.append("b")
        first.removeAll()
        second.removeAll()
        first.releaseStorageIfEmpty()
        second.releaseStorageIfEmpty()
        #expect(pool.idleBytes == maximum / 4096 * 4096)
        #expect(pool.usedBytes == 0)
    }
}
