import Bytes
import Testing

struct CounterBlockTests {
    @Test("Counters begin at zero and change alone")
    func counters() {
        let block = CounterBlock(count: 3)
        block.add(5, at: 1)
        block.add(2, at: 1)
        block.subtract(3, at: 1)
        block.set(9, at: 2)
        #expect((0..<block.count).map { block[$0] } == [0, 4, 9])
    }

    @Test("A counter that overflows begins anew and traps nothing")
    func overflow() {
        let block = CounterBlock(count: 1)
        block.set(.max, at: 0)
        block.add(2, at: 0)
        #expect(block[0] == 1)
        block.subtract(2, at: 0)
        #expect(block[0] == .max)
    }

    @Test("A reader on another thread sees counters grow and never shrink")
    func threads() async {
        let block = CounterBlock(count: 1)
        async let isMonotonic = Task.detached {
            var last: UInt64 = 0
            while last < 20_000 {
                let now = block[0]
                if now < last { return false }
                last = now
                await Task.yield()
            }
            return true
        }.value
        for _ in 0..<20_000 { block.add(1, at: 0) }
        #expect(await isMonotonic)
    }
}
