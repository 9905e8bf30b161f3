import Platform
import Testing

@testable import Proxy

@Suite("Latency")
struct LatencyTests {
    private static let start = MonotonicTime(nanoseconds: 1_000_000_000)

    @Test("Nothing is known before the first answer")
    func unknown() {
        #expect(Latency().value(now: LatencyTests.start) == 0)
    }

    @Test("A slow answer counts at once, a quick one by and by")
    func peak() {
        var latency = Latency()
        latency.add(1_000, now: LatencyTests.start)
        latency.add(9_000, now: LatencyTests.start)
        #expect(latency.value(now: LatencyTests.start) == 9_000)
        latency.add(1_000, now: LatencyTests.start)
        #expect(latency.value(now: LatencyTests.start) == 8_000)
        for _ in 0..<100 { latency.add(1_000, now: LatencyTests.start) }
        #expect(latency.value(now: LatencyTests.start) < 1_010)
    }

    @Test(
        "What was heard long ago counts less and less, and never becomes nothing",
        arguments: [(0, 8_000), (2_500, 6_000), (5_000, 4_000), (10_000, 2_000), (3_600_000, 1)])
    func decay(milliseconds: Int, value: Int64) {
        var latency = Latency()
        latency.add(8_000, now: LatencyTests.start)
        let later = LatencyTests.start + .milliseconds(milliseconds)
        #expect(latency.value(now: later) == value)
    }

    @Test("That an answer has not come yet counts where it is longer than known")
    func waiting() {
        var latency = Latency()
        latency.add(8_000, now: LatencyTests.start)
        latency.atLeast(7_999, now: LatencyTests.start)
        #expect(latency.value(now: LatencyTests.start) == 8_000)
        latency.atLeast(20_000, now: LatencyTests.start)
        #expect(latency.value(now: LatencyTests.start) == 20_000)
    }
}
