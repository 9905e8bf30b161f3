internal import TLS

/// When a certificate's next OCSP response is asked for; times are in seconds since 1970.
///
/// A pure value: the caller brings the time and the chance, a number from 0 up to 1.
struct StapleSchedule: Equatable {
    /// How many attempts have failed since the last that did not.
    private(set) var failures = 0
    /// When it is time.
    private(set) var dueAt: Int64

    /// Begins with what was kept from before: the time is that staple's, or now.
    init(staple: OCSPStaple?, now: Int64, chance: Double) {
        dueAt = now
        if let staple { dueAt = StapleSchedule.middle(of: staple, chance: chance) }
    }

    /// A response came: the next is asked for in the middle of its validity, a tenth of it sooner
    /// or later, so that instances that began together do not ask together.
    ///
    /// A responder may hand out the same response until its end; the middle may lie behind us then,
    /// and a quarter of what is left is waited, so that each later question is asked sooner.
    mutating func succeeded(_ staple: OCSPStaple, now: Int64, chance: Double) {
        failures = 0
        let left = max(0, staple.nextUpdate - now)
        let pause = max(StapleSchedule.shortestPause, left / 4)
        dueAt = max(StapleSchedule.middle(of: staple, chance: chance), now + pause)
    }

    /// No response of use came: each failure doubles the pause, from ten seconds to an hour, and
    /// up to a quarter is taken off by chance.
    mutating func failed(now: Int64, chance: Double) {
        let doublings = min(failures, 9)
        failures += 1
        let pause = min(StapleSchedule.firstRetry << doublings, StapleSchedule.longestPause)
        dueAt = now + pause - Int64(Double(pause) * chance / 4)
    }

    /// True exactly when it is time. After a failure nobody waits longer than the longest pause:
    /// where it looks like more, the clock was set back since.
    func isDue(at now: Int64) -> Bool {
        dueAt <= now || (failures > 0 && dueAt > now + StapleSchedule.longestPause)
    }

    /// It must wait for `time`, since its responder is known not to answer.
    mutating func postpone(until time: Int64) { dueAt = max(dueAt, time) }

    private static func middle(of staple: OCSPStaple, chance: Double) -> Int64 {
        let validity = Double(max(0, staple.nextUpdate - staple.thisUpdate))
        return staple.thisUpdate + Int64(validity * (0.4 + chance * 0.2))
    }

    static let shortestPause: Int64 = 60
    static let firstRetry: Int64 = 10
    static let longestPause: Int64 = 3_600
}
