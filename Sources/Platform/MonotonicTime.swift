internal import CLinux
internal import Glibc

/// A point on the clock that never jumps, in nanoseconds since an arbitrary begin
/// (CLOCK_MONOTONIC).
public struct MonotonicTime: Comparable, Hashable, Sendable {
    /// Nanoseconds since the clock's begin.
    public let nanoseconds: Int64

    /// Names a point in time.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The present.
    public static func now() -> MonotonicTime {
        var time = timespec()
        // SAFETY: owner: this frame; the kernel fills in one timespec.
        _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Later than any other point.
    public static let distantFuture = MonotonicTime(nanoseconds: .max)

    /// Orders by time.
    public static func < (left: MonotonicTime, right: MonotonicTime) -> Bool {
        left.nanoseconds < right.nanoseconds
    }

    /// The point `duration` later; `distantFuture` if that is beyond the clock.
    public static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
        return overflow ? .distantFuture : MonotonicTime(nanoseconds: sum)
    }

    /// How much later `left` is than `right`.
    public static func - (left: MonotonicTime, right: MonotonicTime) -> Duration {
        .nanoseconds(left.nanoseconds &- right.nanoseconds)
    }
}

extension Duration {
    /// This duration in nanoseconds, capped at what 64 bits hold (292 years).
    ///
    /// A division of 64 bits, where `components` makes two of 128: a billion is 512 times the
    /// divisor, and a 512th of what a wait may be fits.
    public var wholeNanoseconds: Int64 {
        let attoseconds = attoseconds
        if attoseconds >= 0, let reduced = Int64(exactly: attoseconds >> 9) {
            return reduced / 1_953_125
        }
        return Int64(clamping: attoseconds / 1_000_000_000)
    }
}
