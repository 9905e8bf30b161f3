public import Bytes
internal import CLinux
internal import Glibc

/// A point in civil time: seconds and nanoseconds since 1970-01-01 in UTC.
public struct WallTime: Comparable, Hashable, Sendable {
    /// Whole seconds since 1970.
    public let seconds: Int64
    /// The rest, 0 to 999,999,999.
    public let nanoseconds: Int32

    /// Names a point in time.
    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// The present.
    public static func now() -> WallTime {
        var time = timespec()
        // SAFETY: owner: this frame; the kernel fills in one timespec.
        _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(
            seconds: Int64(time.tv_sec), nanoseconds: Int32(truncatingIfNeeded: time.tv_nsec))
    }

    /// Orders by time.
    public static func < (left: WallTime, right: WallTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// `2026-11-21T03:29:11.123Z` (RFC 3339 §5.6).
    public func appendISO8601(to queue: inout ByteQueue) {
        let date = CivilDate(seconds)
        WallTime.append(date.year, digits: 4, to: &queue)
        queue.append("-")
        WallTime.append(date.month, digits: 2, to: &queue)
        queue.append("-")
        WallTime.append(date.day, digits: 2, to: &queue)
        queue.append("T")
        date.appendTime(to: &queue)
        queue.append(".")
        WallTime.append(Int(nanoseconds) / 1_000_000, digits: 3, to: &queue)
        queue.append("Z")
    }

    /// `Sat, 21 Nov 2026 03:29:11 GMT` (RFC 9110 §5.6.7).
    public func appendHTTPDate(to queue: inout ByteQueue) {
        let date = CivilDate(seconds)
        queue.append(CivilDate.weekdays[date.weekday])
        queue.append(", ")
        WallTime.append(date.day, digits: 2, to: &queue)
        queue.append(" ")
        queue.append(CivilDate.months[date.month - 1])
        queue.append(" ")
        WallTime.append(date.year, digits: 4, to: &queue)
        queue.append(" ")
        date.appendTime(to: &queue)
        queue.append(" GMT")
    }

    /// `21/Nov/2026:03:29:11 +0000`, as in the access logs of Apache and nginx.
    public func appendCommonLog(to queue: inout ByteQueue) {
        let date = CivilDate(seconds)
        WallTime.append(date.day, digits: 2, to: &queue)
        queue.append("/")
        queue.append(CivilDate.months[date.month - 1])
        queue.append("/")
        WallTime.append(date.year, digits: 4, to: &queue)
        queue.append(":")
        date.appendTime(to: &queue)
        queue.append(" +0000")
    }

    fileprivate static func append(_ number: Int, digits: Int, to queue: inout ByteQueue) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            queue.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}

/// A point in civil time taken apart (proleptic Gregorian calendar, UTC).
private struct CivilDate {
    let year: Int
    let month: Int
    let day: Int
    let hour: Int
    let minute: Int
    let second: Int
    /// 0 is Sunday.
    let weekday: Int

    /// Days are counted from 0000-03-01, so that the leap day is the last of its year.
    init(_ seconds: Int64) {
        let days = Int((seconds >= 0 ? seconds : seconds - 86_399) / 86_400)
        let rest = Int(seconds) - days * 86_400
        hour = rest / 3600
        minute = rest / 60 % 60
        second = rest % 60
        weekday = ((days + 4) % 7 + 7) % 7
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthIndex + 2) / 5 + 1
        month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    func appendTime(to queue: inout ByteQueue) {
        WallTime.append(hour, digits: 2, to: &queue)
        queue.append(":")
        WallTime.append(minute, digits: 2, to: &queue)
        queue.append(":")
        WallTime.append(second, digits: 2, to: &queue)
    }

    static let weekdays: [StaticString] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
