import Foundation
import TestSupport
import Testing

@testable import Certificates
@testable import TLS

@Suite struct StapleScheduleTests {
    private let staple = OCSPStaple(bytes: [], thisUpdate: 1_000_000, nextUpdate: 1_100_000)

    private func schedule(
        _ staple: OCSPStaple?, now: Int64 = 0, chance: Double = 0.5
    ) -> StapleSchedule {
        StapleSchedule(staple: staple, now: now, chance: chance)
    }

    @Test("Without a staple it is time at once")
    func empty() {
        #expect(schedule(nil, now: 7).dueAt == 7)
    }

    @Test(
        "A staple is replaced in the middle of its validity, a tenth of it sooner or later",
        arguments: [(0.0, 1_040_000), (0.5, 1_050_000), (1.0, 1_060_000)] as [(Double, Int64)])
    func middle(chance: Double, due: Int64) {
        #expect(schedule(staple, chance: chance).dueAt == due)
        var other = schedule(nil)
        other.succeeded(staple, now: 1_000_100, chance: chance)
        #expect(other.dueAt == due)
    }

    @Test(
        "The same old response again is asked for sooner and sooner, but not within a minute",
        arguments: [
            (1_060_000, 1_070_000), (1_096_000, 1_097_000), (1_099_760, 1_099_820),
            (1_099_764, 1_099_824), (1_100_000, 1_100_060), (1_200_000, 1_200_060),
        ] as [(Int64, Int64)])
    func sameAgain(now: Int64, due: Int64) {
        var schedule = schedule(nil)
        schedule.succeeded(staple, now: now, chance: 0.5)
        #expect(schedule.dueAt == due)
    }

    @Test("Each failure doubles the pause from ten seconds to an hour, and a success forgets them")
    func backoff() {
        var schedule = schedule(nil)
        var pauses: [Int64] = []
        for _ in 0..<11 {
            schedule.failed(now: 500, chance: 0)
            pauses.append(schedule.dueAt - 500)
        }
        #expect(pauses == [10, 20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_600, 3_600])
        schedule.failed(now: 500, chance: 0.999_999)
        #expect(schedule.dueAt - 500 == 3_600 - 899)
        schedule.succeeded(staple, now: 1_000_000, chance: 0.5)
        #expect(schedule.failures == 0)
        schedule.failed(now: 500, chance: 0)
        #expect(schedule.dueAt == 510)
    }

    @Test("What is postponed never becomes due sooner by that")
    func postponed() {
        var schedule = schedule(nil, now: 100)
        schedule.postpone(until: 160)
        #expect(schedule.dueAt == 160)
        schedule.postpone(until: 120)
        #expect(schedule.dueAt == 160)
    }
}
