import Platform
import Testing

@testable import Server

struct CheckScheduleTests {
    static let start = MonotonicTime(nanoseconds: 1_000_000_000)

    @Test(
        "A check follows the begin of the last by the interval, give or take a tenth",
        arguments: [(0.0, 900), (0.5, 1000), (1.0, 1100)])
    func jitter(chance: Double, milliseconds: Int) {
        let next = CheckSchedule(interval: .seconds(1)).next(
            after: CheckScheduleTests.start, now: CheckScheduleTests.start, chance: chance)
        #expect(next == CheckScheduleTests.start + .milliseconds(milliseconds))
    }

    @Test("A check that took longer than the interval is followed at once")
    func late() {
        let now = CheckScheduleTests.start + .seconds(5)
        let schedule = CheckSchedule(interval: .seconds(1))
        #expect(schedule.next(after: CheckScheduleTests.start, now: now, chance: 1) == now)
    }
}
