import Platform
import Testing

@Suite("Monotonic time")
struct MonotonicTimeTests {
    @Test("The clock never goes back")
    func forward() {
        var last = MonotonicTime.now()
        for _ in 0..<1000 {
            let now = MonotonicTime.now()
            #expect(now >= last)
            last = now
        }
    }

    @Test("Adding and subtracting are each other's reverse")
    func arithmetic() {
        let time = MonotonicTime(nanoseconds: 5_000_000_000)
        #expect((time + .milliseconds(250)).nanoseconds == 5_250_000_000)
        #expect((time + .milliseconds(250)) - time == .milliseconds(250))
        #expect(time - (time + .seconds(1)) == .seconds(-1))
    }

    @Test("A sum beyond the clock is the most distant time")
    func overflow() {
        let time = MonotonicTime.now()
        #expect(time + .seconds(Int64.max) == .distantFuture)
        #expect(.distantFuture + .nanoseconds(1) == .distantFuture)
        #expect(time < .distantFuture)
    }

    // What lies below the least number of 64 bits by less than a second became the greatest.
    @Test(
        "Nanoseconds are capped at what 64 bits hold",
        arguments: [
            (.zero, 0), (.nanoseconds(-1), -1), (.seconds(3), 3_000_000_000),
            (.milliseconds(-1500), -1_500_000_000), (.seconds(4_722), 4_722_000_000_000),
            (.nanoseconds(4_722_366_482_869), 4_722_366_482_869),
            (.nanoseconds(4_722_366_482_870), 4_722_366_482_870),
            (.nanoseconds(1_999_999_999), 1_999_999_999), (.seconds(Int64.max), .max),
            (.seconds(Int64.min), .min),
            (.nanoseconds(Int64.max), .max), (.nanoseconds(Int64.min), .min),
            (.nanoseconds(Int64.max) + .nanoseconds(1), .max),
            (.nanoseconds(Int64.min) - .nanoseconds(1), .min),
            (Duration(secondsComponent: 0, attosecondsComponent: 999_999_999), 0),
        ] as [(Duration, Int64)])
    func wholeNanoseconds(_ duration: Duration, _ expected: Int64) {
        #expect(duration.wholeNanoseconds == expected)
    }
}
