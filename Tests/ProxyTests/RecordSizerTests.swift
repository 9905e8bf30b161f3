import Platform
import Testing

@testable import Proxy

@Suite("RecordSizer")
struct RecordSizerTests {
    private let start = MonotonicTime(nanoseconds: 5_000_000_000)

    /// The sizes of the records that `count` bytes become, and how many bytes go into each size.
    private func sizes(_ sizer: inout RecordSizer, _ count: Int, at time: MonotonicTime)
        -> [[Int]]
    {
        var left = count
        var result: [[Int]] = []
        while left > 0 {
            let (taken, recordBytes) = sizer.next(left, now: time)
            result.append([taken, recordBytes])
            left -= taken
        }
        return result
    }

    @Test(
        "The first 64 KiB go in small records, what follows in large ones",
        arguments: [
            (1, [[1, 4_096]]), (65_535, [[65_535, 4_096]]), (65_536, [[65_536, 4_096]]),
            (65_537, [[65_536, 4_096], [1, 16_384]]),
            (1_000_000, [[65_536, 4_096], [934_464, 16_384]]),
        ])
    func opening(count: Int, expected: [[Int]]) {
        var sizer = RecordSizer()
        #expect(sizes(&sizer, count, at: start) == expected)
    }

    @Test("Pieces count together")
    func pieces() {
        var sizer = RecordSizer()
        for _ in 0..<16 { #expect(sizes(&sizer, 4_096, at: start) == [[4_096, 4_096]]) }
        #expect(sizes(&sizer, 4_096, at: start) == [[4_096, 16_384]])
    }

    @Test("After a second without a byte it begins anew, and not before")
    func idle() {
        var sizer = RecordSizer()
        _ = sizes(&sizer, 100_000, at: start)
        var now = start
        for _ in 0..<5 {
            now = now + .nanoseconds(999_999_999)
            #expect(sizes(&sizer, 1, at: now) == [[1, 16_384]])
        }
        now = now + .seconds(1)
        #expect(sizes(&sizer, 65_537, at: now) == [[65_536, 4_096], [1, 16_384]])
        #expect(sizes(&sizer, 1, at: now) == [[1, 16_384]])
    }
}
