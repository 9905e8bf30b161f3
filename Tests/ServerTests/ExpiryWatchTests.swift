import Testing

@testable import Server

struct ExpiryWatchTests {
    private static let day: Int64 = 86_400
    private static let end: Int64 = 100 * day

    /// A watch over one certificate that ends on day 100, warned of three weeks before.
    private func watch() -> ExpiryWatch {
        var watch = ExpiryWatch()
        watch.watch([ExpiryWatchTests.certificate("a", ExpiryWatchTests.end)], warning: 21 * 86_400)
        return watch
    }

    private static func certificate(_ site: String, _ notAfter: Int64) -> ExpiryWatch.Certificate {
        ExpiryWatch.Certificate(site: site, serial: "1", path: "a.pem", notAfter: notAfter)
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
        let certificate = ExpiryWatchTests.certificate("a", 100)
        #expect([99, 100, 101].map { certificate.isExpired($0) } == [false, true, true])
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
        watch.watch(
            [ExpiryWatchTests.certificate("b", 1_000), ExpiryWatchTests.certificate("c", 2_000)],
            warning: 500)
        let sites = [499, 501, 1_501, 2_000].map { watch.look($0).map(\.site) }
        #expect(sites == [[], ["b"], ["b", "c"], ["b", "c"]])
    }
}
