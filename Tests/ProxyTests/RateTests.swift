import Config
import Testing

@testable import Proxy

@Suite("Rate")
struct RateTests {
    private static let second: Int64 = 1_000_000_000

    /// How many of `count` tokens are given out at one time.
    private func taken(_ rate: Rate, _ count: Int, from paidAt: inout Int64, at now: Int64) -> Int {
        var taken = 0
        for _ in 0..<count where rate.take(from: &paidAt, now: now) == 0 { taken += 1 }
        return taken
    }

    @Test("A full bucket gives its burst at once, and not one more", arguments: [1, 2, 20, 1_000])
    func burst(size: Int) {
        let rate = Rate(perSecond: 10, burst: size)
        for (count, given) in [(size - 1, size - 1), (size, size), (size + 1, size)] {
            var paidAt: Int64 = 0
            #expect(taken(rate, count, from: &paidAt, at: RateTests.second) == given)
        }
    }

    @Test("Tokens come at the rate, and no more are kept than the burst")
    func refill() {
        let rate = Rate(perSecond: 10, burst: 5)
        var paidAt: Int64 = 0
        var now = RateTests.second
        #expect(taken(rate, 9, from: &paidAt, at: now) == 5)
        now += RateTests.second / 10 - 1
        #expect(taken(rate, 9, from: &paidAt, at: now) == 0)
        now += 1
        #expect(taken(rate, 9, from: &paidAt, at: now) == 1)
        now += RateTests.second / 10 * 3
        #expect(taken(rate, 9, from: &paidAt, at: now) == 3)
        now += RateTests.second * 1_000
        #expect(taken(rate, 9, from: &paidAt, at: now) == 5)
    }

    @Test("What is refused costs nothing, and is told how long to wait")
    func wait() {
        let rate = Rate(perSecond: 1, burst: 2)
        var paidAt: Int64 = 0
        let now = RateTests.second * 7
        #expect(taken(rate, 2, from: &paidAt, at: now) == 2)
        for _ in 0..<3 { #expect(rate.take(from: &paidAt, now: now) == RateTests.second) }
        let almost = now + RateTests.second - 1
        #expect(rate.take(from: &paidAt, now: almost) == 1)
        #expect(rate.take(from: &paidAt, now: almost + 1) == 0)
    }

    @Test("A clock that is a little behind takes nothing away")
    func behind() {
        let rate = Rate(perSecond: 1, burst: 3)
        var paidAt: Int64 = 0
        #expect(taken(rate, 1, from: &paidAt, at: RateTests.second) == 1)
        #expect(taken(rate, 3, from: &paidAt, at: RateTests.second - 1) == 1)
        #expect(taken(rate, 3, from: &paidAt, at: RateTests.second) == 1)
    }

    @Test("The largest rates and bursts overflow nothing")
    func extremes() {
        let slow = Rate(RateConfig(perSecond: 1, burst: 1_000_000))
        let now = Int64.max / 4
        var paidAt = now + 999_998 * RateTests.second
        #expect(taken(slow, 3, from: &paidAt, at: now) == 2)
        let fast = Rate(RateConfig(perSecond: 1_000_000, burst: 1))
        paidAt = 0
        #expect(taken(fast, 2, from: &paidAt, at: 1) == 1)
        #expect(taken(fast, 2, from: &paidAt, at: 1_001) == 1)
    }
}
