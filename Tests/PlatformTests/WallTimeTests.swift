import Bytes
import Foundation
import Platform
import Testing

@Suite("Wall time")
struct WallTimeTests {
    private func text(_ body: (inout ByteQueue) -> Void) -> String {
        var queue = ByteQueue()
        body(&queue)
        return String(copying: queue.bytes)
    }

    private func iso(_ seconds: Int64, _ nanoseconds: Int32 = 0) -> String {
        text { WallTime(seconds: seconds, nanoseconds: nanoseconds).appendISO8601(to: &$0) }
    }

    @Test(
        "RFC 3339 §5.6 writes any second since 1970",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"), (951_868_800, "2000-03-01T00:00:00.000Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (1_735_689_600, "2025-01-01T00:00:00.000Z"),
            (1_740_787_200, "2025-03-01T00:00:00.000Z"),
            (2_147_483_648, "2038-01-19T03:14:08.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (4_107_456_000, "2100-02-28T00:00:00.000Z"),
            (253_402_300_799, "9999-12-31T23:59:59.000Z"), (-1, "1969-12-31T23:59:59.000Z"),
            (-86_400, "1969-12-31T00:00:00.000Z"), (-2_203_891_200, "1900-03-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func rfc3339(_ seconds: Int64, _ expected: String) {
        #expect(iso(seconds) == expected)
    }

    @Test(
        "Milliseconds are cut, not rounded",
        arguments: [(0, "000"), (999_999, "000"), (1_000_000, "001"), (999_999_999, "999")]
            as [(Int32, String)])
    func milliseconds(_ nanoseconds: Int32, _ expected: String) {
        #expect(iso(0, nanoseconds) == "1970-01-01T00:00:00.\(expected)Z")
    }

    @Test("The form of HTTP's dates is that of RFC 9110 §5.6.7")
    func httpDate() {
        func date(_ seconds: Int64) -> String {
            text { WallTime(seconds: seconds).appendHTTPDate(to: &$0) }
        }
        #expect(date(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(date(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(date(1_709_164_800) == "Thu, 29 Feb 2024 00:00:00 GMT")
        let days = (0..<7).map { date(Int64($0) * 86_400).prefix(3) }
        #expect(days == ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"])
        #expect(date(-1).hasPrefix("Wed, 31 Dec 1969"))
    }

    @Test("The form of access logs is that of Apache")
    func commonLog() {
        let time = WallTime(seconds: 1_795_231_751)
        #expect(text { time.appendCommonLog(to: &$0) } == "21/Nov/2026:03:29:11 +0000")
    }

    @Test("Every day of four centuries agrees with Foundation's calendar")
    func calendar() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        let pad = { (number: Int?, width: Int) in
            let digits = String(number ?? -1)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        // 17 days at a time, so that every day of the month is met in every kind of year.
        for day in stride(from: Int64(0), to: 146_097, by: 17) {
            let seconds = day * 86_400 + day % 86_400
            let date = Date(timeIntervalSince1970: Double(seconds))
            let parts = calendar.dateComponents([.year, .month, .day], from: date)
            let expected = "\(pad(parts.year, 4))-\(pad(parts.month, 2))-\(pad(parts.day, 2))T"
            try #require(iso(seconds).hasPrefix(expected))
        }
    }

    @Test("Times are ordered by seconds, then by nanoseconds")
    func order() {
        #expect(WallTime(seconds: 1, nanoseconds: 999_999_999) < WallTime(seconds: 2))
        #expect(WallTime(seconds: 2, nanoseconds: 1) > WallTime(seconds: 2))
    }

    @Test("The present is after this test was written, and has whole nanoseconds")
    func present() {
        let now = WallTime.now()
        #expect(now > WallTime(seconds: 1_700_000_000))
        #expect((0..<1_000_000_000).contains(now.nanoseconds))
    }
}
