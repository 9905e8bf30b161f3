internal import Platform

/// How long a server is left out: twice as long each time in a row, up to a bound.
///
/// What was learnt fades: for each time that a server stays in as long as it was out last, one step
/// is forgotten.
struct EjectionBackoff: Sendable, Equatable {
    /// How many times in a row it was left out.
    private(set) var row = 0
    private var last = Duration.zero
    private var end = MonotonicTime(nanoseconds: 0)

    /// Leaves the server out from `now` on.
    ///
    /// - Parameter chance: from 0 up to 1: up to a tenth is added, so that servers that failed
    ///   together do not come back together.
    /// - Returns: until when.
    mutating func eject(
        base: Duration, most: Duration, now: MonotonicTime, chance: Double
    ) -> MonotonicTime {
        if last > .zero, end < now {
            let steps = (now - end).wholeNanoseconds / max(1, last.wholeNanoseconds)
            row = max(0, row - Int(clamping: steps))
        }
        // 2^40 of the shortest time is beyond any bound.
        let factor = Int64(1) << Int64(min(row, 40))
        let (product, overflow) = base.wholeNanoseconds.multipliedReportingOverflow(by: factor)
        let bound = most.wholeNanoseconds
        last = .nanoseconds(overflow ? bound : min(product, bound))
        row += 1
        let nanoseconds = Double(last.wholeNanoseconds) * (1 + 0.1 * chance)
        end = now + .nanoseconds(Int64(nanoseconds))
        return end
    }
}
