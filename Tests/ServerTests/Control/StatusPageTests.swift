import Platform
import Telemetry
import Testing

@testable import Server

struct StatusPageTests {
    @Test("What a configuration chooses cannot become markup")
    func escaping() {
        let html = StatusPage(Samples.report(mark: "<script>\"'&")).html()
        #expect(!html.contains("<script"))
        #expect(html.contains("127.0.0.1:9001&lt;script&gt;&quot;&#39;&amp;"))
    }

    @Test("The page says what an operator looks for")
    func content() {
        let html = StatusPage(Samples.report()).html()
        let facts = [
            "http-equiv=\"refresh\" content=\"5\"", "prefers-color-scheme:dark", "1.2.3",
            "1 d 2 h", "127.0.0.1:8443", "shop.example", "in 20 days", "m.yaml:1:2: error: no",
            "rejected", "down",
        ]
        for fact in facts { #expect(html.contains(fact), "\(fact)") }
    }

    @Test(
        "Days to expiry are coloured by urgency",
        arguments: [
            (-1, "<b class=\"bad\">expired</b>"), (1, "<b class=\"bad\">in 1 day</b>"),
            (6, "<b class=\"bad\">in 6 days</b>"), (7, "<b class=\"warn\">in 7 days</b>"),
            (20, "<b class=\"warn\">in 20 days</b>"), (21, "<b class=\"ok\">in 21 days</b>"),
        ])
    func urgency(days: Int, badge: String) {
        var report = Samples.report()
        report.sites[0].certificates[0].daysLeft = days
        #expect(StatusPage(report).html().contains(badge))
    }

    @Test(
        "The staple is coloured by its state, and its last error stands below, without markup",
        arguments: [
            (.none, "<td>–<br>"), (.waiting, "<b class=\"warn\">waiting</b>"),
            (.good, "<b class=\"ok\">good</b> until 1970-01-01T00:00:09.000Z"),
            (.revoked, "<b class=\"bad\">revoked</b>"), (.failed, "<b class=\"bad\">failed</b>"),
        ] as [(StatusReport.Staple.State, String)])
    func staple(state: StatusReport.Staple.State, expected: String) {
        var report = Samples.report()
        report.sites[0].certificates[0].staple = StatusReport.Staple(
            state: state, nextUpdate: WallTime(seconds: 9),
            lastError: .init(time: WallTime(seconds: 1), reason: "<i>down"))
        let html = StatusPage(report).html()
        #expect(html.contains(expected))
        #expect(html.contains("<br><small>&lt;i&gt;down</small>"))
    }

    @Test("Sites beyond the maximum are counted, not shown", arguments: [-1, 0, 1])
    func manySites(beyond: Int) {
        var report = Samples.report()
        let count = StatusPage.maximumRows + beyond
        report.sites = (0..<count).map { .init(name: "", hosts: ["host-\($0)."], certificates: []) }
        let html = StatusPage(report).html()
        #expect(html.contains("host-\(min(count, StatusPage.maximumRows) - 1)."))
        #expect(html.contains("and 1 more sites") == (beyond > 0))
    }

    @Test(
        "Durations are spelled by their two largest units",
        arguments: [
            (0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3660, "1 h 1 min"),
            (90_000, "1 d 1 h"),
        ])
    func durations(seconds: Int, expected: String) {
        #expect(StatusPage.spell(.seconds(seconds)) == expected)
    }
}
