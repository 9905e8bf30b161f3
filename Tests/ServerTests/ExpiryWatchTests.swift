import Telemetry
import Testing

@testable import Server

struct ExpiryWatchTests {
    private static let day: Int64 = 86_400
    private static let end: Int64 = 100 * day

    /// A watch over one certificate that ends on day 100, warned of three weeks before.
    private func watch() -> ExpiryWatch {
        var watch = ExpiryWatch()
        watch.watch([ExpiryWatchTests.subject("a", ExpiryWatchTests.end)])
        return watch
    }

    private static func subject(
        _ site: String, _ end: Int64, warning: Int64 = 21 * day,
        kind: ExpiryWatch.Subject.Kind = .certificate(serial: "1")
    ) -> ExpiryWatch.Subject {
        ExpiryWatch.Subject(
            kind: kind, owner: .site(site), path: "a.pem", end: end, warning: warning)
    }

    @Test("A certificate is warned of when less than the configured time is left")
    func threshold() {
        var watch = watch()
        let turn = ExpiryWatchTests.end - 21 * ExpiryWatchTests.day
        let counts = [turn - 1, turn, turn + 1].map { watch.look($0).count }
        #expect(counts == [0, 0, 1])
    }

    @Test("From its last second on it has expired")
    func end() {
        let subject = ExpiryWatchTests.subject("a", 100)
        #expect([99, 100, 101].map { subject.isExpired($0) } == [false, true, true])
        var watch = watch()
        let spokenOf = watch.look(ExpiryWatchTests.end + 1_000 * ExpiryWatchTests.day)
        #expect(spokenOf.count == 1)
    }

    @Test("It is time to look once a day, at the warning and at the end; or if the clock goes back")
    func times() {
        var watch = watch()
        let day = ExpiryWatchTests.day
        let turn = ExpiryWatchTests.end - 21 * day + 1
        for (looked, due) in [
            (0, day), (turn - day, turn), (turn - 5, turn), (turn, turn + day),
            (ExpiryWatchTests.end - 7, ExpiryWatchTests.end),
            (ExpiryWatchTests.end, ExpiryWatchTests.end + day),
        ] {
            _ = watch.look(looked)
            #expect(!watch.isDue(looked))
            #expect([due - 1, due, due + 1].map { watch.isDue($0) } == [false, true, true])
            #expect(watch.isDue(looked - 1))
        }
    }

    @Test("Nothing is due before the first look")
    func fresh() {
        #expect(!ExpiryWatch().isDue(0))
        #expect(!watch().isDue(.max - 1))
    }

    @Test("Only those in service are spoken of, and those alone that are near their end")
    func choice() {
        var watch = watch()
        watch.watch([
            ExpiryWatchTests.subject("b", 1_000, warning: 500),
            ExpiryWatchTests.subject("c", 2_000, warning: 500),
        ])
        let sites = [499, 501, 1_501, 2_000].map { watch.look($0).map(\.owner.name) }
        #expect(sites == [[], ["b"], ["b", "c"], ["b", "c"]])
    }

    @Test("What a backend shows is watched as what a site shows")
    func backends() {
        var watch = ExpiryWatch()
        let subject = ExpiryWatch.Subject(
            kind: .certificate(serial: "1"), owner: .backend("b"), path: "b.pem", end: 1_000,
            warning: 500)
        watch.watch([subject])
        #expect([500, 501, 1_000].map { watch.look($0) } == [[], [subject], [subject]])
    }

    @Test("Each has a warning of its own: a revocation list is renewed more often")
    func ownWarnings() {
        var watch = ExpiryWatch()
        watch.watch([
            ExpiryWatchTests.subject("a", 10_000, warning: 5_000),
            ExpiryWatchTests.subject(
                "b", 10_000, warning: 100, kind: .revocationList(issuer: "CN=CA")),
        ])
        for (now, sites) in [(5_000, []), (5_001, ["a"]), (9_900, ["a"]), (9_901, ["a", "b"])] {
            #expect(watch.look(Int64(now)).map(\.owner.name) == sites, "\(now)")
        }
        _ = watch.look(5_001)
        #expect([9_900, 9_901].map { watch.isDue($0) } == [false, true])
    }
}
