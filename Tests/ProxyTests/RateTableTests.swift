import Testing

@testable import Proxy

@Suite("RateTable")
struct RateTableTests {
    private let rate = Rate(perSecond: 1, burst: 2)
    private static let second: Int64 = 1_000_000_000

    /// Keys that all belong into the first set of a table with eight.
    private func key(_ number: UInt64) -> UInt64 { number * 8 }

    @Test("Each key has a bucket of its own, also the key zero")
    func keys() {
        var table = RateTable(sets: 8)
        for key: UInt64 in 0..<8 {
            let waits = (0..<3).map { _ in table.take(key, rate, now: RateTableTests.second) }
            #expect(waits == [0, 0, RateTableTests.second])
        }
    }

    @Test(
        "As many keys as a set has places are held exactly; one more makes one forget",
        arguments: [(3, 0), (4, 0), (5, 1)])
    func places(keys: Int, forgotten: Int) {
        var table = RateTable(sets: 8)
        let now = RateTableTests.second
        for number in 0..<keys {
            for _ in 0..<2 { _ = table.take(key(UInt64(number)), rate, now: now + Int64(number)) }
        }
        let later = now + Int64(keys)
        // Those that came last are looked at first, so that looking makes nobody forget.
        let free = (0..<keys).reversed().prefix(4).count { number in
            table.take(key(UInt64(number)), rate, now: later) == 0
        }
        #expect(free == 0)
        #expect((table.take(key(0), rate, now: later) == 0) == (forgotten == 1))
    }

    @Test("Whoever is paid up first makes room, not whoever came first")
    func eviction() {
        var table = RateTable(sets: 8)
        let now = RateTableTests.second
        for number: UInt64 in 0..<4 {
            for _ in 0..<(number == 2 ? 1 : 2) { _ = table.take(key(number), rate, now: now) }
        }
        #expect(table.take(key(9), rate, now: now) == 0)
        for number: UInt64 in [0, 1, 3] {
            #expect(table.take(key(number), rate, now: now) > 0, "\(number)")
        }
        #expect(table.take(key(9), rate, now: now) == 0)
        #expect(table.take(key(9), rate, now: now) > 0)
    }

    @Test("A bucket that is full again gives its place away before one that is not")
    func fullAgain() {
        var table = RateTable(sets: 8)
        for number: UInt64 in 0..<4 { _ = table.take(key(number), rate, now: 0) }
        let later = RateTableTests.second * 3
        for number: UInt64 in 4..<8 {
            for _ in 0..<2 { #expect(table.take(key(number), rate, now: later) == 0) }
        }
        for number: UInt64 in 4..<8 { #expect(table.take(key(number), rate, now: later) > 0) }
    }
}
