import TestSupport
import Testing

@testable import Bytes

struct ByteQueueTests {
    @Test("What is appended comes out in order, whatever is removed in between")
    func order() {
        var queue = ByteQueue()
        queue.append("GET ")
        queue.append("/a" as String)
        queue.append(UInt8(ascii: " "))
        let more = Array("HTTP".utf8)
        queue.append(more.span)
        let all = String(copying: queue.bytes)
        #expect(all == "GET /a HTTP")
        queue.removeFirst(4)
        queue.removeLast(5)
        let middle = String(copying: queue.bytes)
        #expect(middle == "/a")
        let part = String(copying: queue.bytes(in: 1..<2))
        #expect(part == "a")
        queue.removeFirst(2)
        let isEmpty = queue.isEmpty
        #expect(isEmpty)
    }

    @Test("An empty queue has no bytes and takes empty appends")
    func empty() {
        var queue = ByteQueue()
        queue.append("")
        queue.append("" as String)
        queue.append([UInt8]().span)
        queue.append(capacity: 0) { (_: inout OutputSpan<UInt8>) in }
        queue.removeFirst(0)
        queue.removeLast(0)
        queue.releaseStorageIfEmpty()
        let sizes = [queue.count, queue.bytes.count, queue.capacity]
        #expect(sizes == [0, 0, 0])
    }

    @Test(
        "Numbers are written in decimal",
        arguments: [0, 1, 9, 10, 99, 100, -1, -10, 1_234_567_890, Int.max, Int.min])
    func decimal(_ number: Int) {
        var queue = ByteQueue()
        queue.append(decimal: number)
        let text = String(copying: queue.bytes)
        #expect(text == String(number))
    }

    @Test("Letters become lower case, and nothing else does, in texts of any length")
    func lowercasing() {
        let text = (0...255).map { UInt8($0) }
        for count in 0..<20 {
            for start in stride(from: 0, to: 230, by: 3) {
                let given = Array(text[start..<(start + count)])
                var queue = ByteQueue()
                queue.append("X")
                queue.append(lowercasing: given.span)
                let lower = given.map { (0x41...0x5a).contains($0) ? $0 + 0x20 : $0 }
                let isLower = queue.bytes.equals(([0x58] + lower).span)
                #expect(isLower)
            }
        }
    }

    @Test(
        "A line has a name and a value, of which either may be empty",
        arguments: [("Host", "a.test"), ("", "b"), ("a", ""), ("", "")])
    func line(_ name: String, _ value: String) {
        var queue = ByteQueue()
        queue.append("> ")
        queue.appendLine(name: name.utf8.span, value: value.utf8.span)
        let text = String(copying: queue.bytes)
        #expect(text == "> \(name): \(value)\r\n")
    }

    @Test(
        "Numbers are written in hexadecimal",
        arguments: [0, 1, 9, 10, 15, 16, 255, 256, 0xabc_def0, UInt64.max, 1 << 63])
    func hexadecimal(_ number: UInt64) {
        var queue = ByteQueue()
        queue.append(hexadecimal: number)
        let text = String(copying: queue.bytes)
        #expect(text == String(number, radix: 16))
    }

    @Test("Bytes that are written in place are queued; those of a failed write are dropped")
    func inPlace() {
        struct Refusal: Error {}
        var queue = ByteQueue()
        queue.append("a")
        let room = queue.append(capacity: 3) { (output: inout OutputSpan<UInt8>) -> Int in
            output.append(UInt8(ascii: "b"))
            return output.freeCapacity
        }
        #expect(room == 2)
        do throws(Refusal) {
            try queue.append(capacity: 8) { (output: inout OutputSpan<UInt8>) throws(Refusal) in
                output.append(UInt8(ascii: "x"))
                throw Refusal()
            }
            Issue.record("the refusal was lost")
        } catch {}
        let text = String(copying: queue.bytes)
        #expect(text == "ab")
    }

    @Test("Memory is kept while bytes are queued and given back after")
    func release() {
        let pool = BufferPool()
        var queue = ByteQueue(pool: pool)
        queue.append("a")
        queue.releaseStorageIfEmpty()
        let text = String(copying: queue.bytes)
        #expect(text == "a")
        #expect(pool.usedBytes == 4096)
        queue.removeAll()
        let kept = queue.capacity
        #expect(kept == 4096)
        queue.releaseStorageIfEmpty()
        let left = queue.capacity
        #expect(left == 0)
        #expect(pool.usedBytes == 0)
        #expect(pool.idleBytes == 4096)
    }

    @Test("A queue that ends gives its memory back")
    func end() {
        let pool = BufferPool()
        do {
            var queue = ByteQueue(pool: pool)
            queue.append("a")
            #expect(pool.usedBytes == 4096)
        }
        #expect(pool.usedBytes == 0)
    }

    @Test("A queue that stays short never grows, however much passes through it")
    func steady() {
        var queue = ByteQueue(pool: BufferPool())
        let piece = [UInt8](repeating: 7, count: 1000)
        queue.append(piece.span)
        for _ in 0..<100 {
            queue.append(piece.span)
            queue.removeFirst(1000)
        }
        let capacity = queue.capacity
        #expect(capacity == 4096)
    }

    @Test("Bytes go in front of others, into room that was freed, and nowhere else")
    func prepends() {
        var queue = ByteQueue()
        queue.append([1, 2, 3, 4, 5].span)
        let isFirst = queue.prepend([9].span)
        queue.removeFirst(2)
        let isTooMuch = queue.prepend([7, 8, 9].span)
        let isPut = queue.prepend([8, 9].span)
        #expect(!isFirst && !isTooMuch && isPut)
        let queued = Array(copying: queue.bytes)
        #expect(queued == [8, 9, 3, 4, 5])
        queue.removeAll()
        let isAlone = queue.prepend([9].span)
        #expect(!isAlone)
    }

    @Test("A large block has room for a frame's header in front, and is of use all the same")
    func headroom() {
        var queue = ByteQueue(pool: BufferPool())
        for _ in 0..<2 {
            queue.append([UInt8](repeating: 2, count: 65_500).span)
            let memory = queue.capacity
            let isPut = queue.prepend([UInt8](repeating: 3, count: 9).span)
            let queued = Array(copying: queue.bytes)
            #expect(isPut && queued.count == 65_509 && queued[8] == 3 && queued[9] == 2)
            queue.removeFirst(65_509)
            queue.append([UInt8](repeating: 4, count: memory).span)
            let after = queue.capacity
            #expect(after == memory)
            queue.removeAll()
        }
    }

    @Test("Random appends and removals agree with an array", arguments: [1, 2, 3] as [UInt64])
    func model(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var queue = seed == 1 ? ByteQueue() : ByteQueue(pool: BufferPool(maximumIdleBytes: 100_000))
        var expected: [UInt8] = []
        for step in 0..<3000 {
            let count = Int.random(in: 0...3000, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0, 1, 2:
                let piece = [UInt8](repeating: UInt8(truncatingIfNeeded: step), count: count)
                queue.append(piece.span)
                expected += piece
            case 3, 4:
                queue.removeFirst(min(count, expected.count))
                expected.removeFirst(min(count, expected.count))
            default:
                queue.removeLast(min(count, expected.count))
                expected.removeLast(min(count, expected.count))
            }
            if step % 500 == 0 {
                queue.removeFirst(expected.count)
                expected = []
                queue.releaseStorageIfEmpty()
            }
            if queue.count != expected.count || [UInt8](copying: queue.bytes) != expected {
                Issue.record("step \(step) differs")
                return
            }
        }
    }
}
