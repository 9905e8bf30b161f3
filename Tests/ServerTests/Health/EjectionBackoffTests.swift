import Platform
import Testing

@testable import Server

struct EjectionBackoffTests {
    static let start = MonotonicTime(nanoseconds: 1_000_000_000)

    /// Ejects at a time and returns for how many seconds.
    private func eject(
        _ backoff: inout EjectionBackoff, at time: MonotonicTime, chance: Double = 0
    ) -> Double {
        let end = backoff.eject(base: .seconds(10), most: .seconds(60), now: time, chance: chance)
        return (end - time) / .seconds(1)
    }

    @Test("Each time in a row is twice as long, up to the bound")
    func growth() {
        var backoff = EjectionBackoff()
        var now = EjectionBackoffTests.start
        var times: [Double] = []
        for _ in 0..<6 {
            times.append(eject(&backoff, at: now))
            // It fails again as soon as it is back.
            now = now + .seconds(times.last ?? 0)
        }
        #expect(times == [10, 20, 40, 60, 60, 60])
    }

    @Test(
        "A step is forgotten for each time that the server stays in as long as it was out",
        arguments: [(39, 80.0), (40, 40.0), (79, 40.0), (80, 20.0), (120, 10.0), (9999, 10.0)])
    func decay(seconds: Int, expected: Double) {
        var backoff = EjectionBackoff()
        var now = EjectionBackoffTests.start
        for _ in 0..<3 { now = now + .seconds(eject(&backoff, at: now)) }
        let time = eject(&backoff, at: now + .seconds(seconds))
        #expect(time == min(expected, 60))
    }

    @Test("Chance adds up to a tenth")
    func jitter() {
        var backoff = EjectionBackoff()
        #expect(eject(&backoff, at: EjectionBackoffTests.start, chance: 0.5) == 10.5)
    }
}
