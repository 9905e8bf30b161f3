import Config
import Glibc
import Platform
import Proxy
import Telemetry
import Testing

@testable import Server

struct HealthBookTests {
    static let registry = MetricsRegistry()

    static func subject(_ name: String, port: UInt16 = 1) -> HealthSubject {
        HealthSubject(
            label: registry.server(backend: "b", server: name), backend: "b", name: name,
            address: .ipv4(0x7f00_0001, port: port))
    }

    static func group(
        _ names: String..., panic: Int = 0, change: (inout OutlierConfig) -> Void = { _ in }
    ) -> HealthGroup {
        var outliers = OutlierConfig()
        change(&outliers)
        return HealthGroup(
            backend: "b", servers: names.map { subject($0) }, check: HealthConfig(),
            outliers: outliers, panicThreshold: panic)
    }

    static func moment(_ seconds: Int) -> HealthBook.Moment {
        HealthBook.Moment(
            monotonic: MonotonicTime(nanoseconds: 1) + .seconds(seconds),
            wall: WallTime(seconds: Int64(seconds), nanoseconds: 0))
    }

    private func book(_ group: HealthGroup) -> HealthBook {
        var book = HealthBook(chance: { 0 })
        let (fresh, left) = book.adopt([group], HealthBookTests.moment(0))
        #expect(fresh == Array(group.servers.indices) && left == [])
        #expect(book.takeNews().places == Set(fresh))
        return book
    }

    private static let broken = CheckVerdict.failed(.status, "it answered 503")

    private func fail(_ book: inout HealthBook, _ place: Int, at seconds: Int = 1) {
        book.finished(place, HealthBookTests.broken, HealthBookTests.moment(seconds))
    }

    private func report(_ book: inout HealthBook, _ name: String, at seconds: Int = 1) {
        book.report(
            OutlierReport(
                server: HealthBookTests.subject(name).label, cause: .consecutiveFailures,
                failures: 5, requests: 5), HealthBookTests.moment(seconds))
    }

    @Test("A server goes down and comes up; each is told once, with its cause")
    func upAndDown() throws {
        var book = book(HealthBookTests.group("a", "b"))
        fail(&book, 0)
        let news = book.takeNews()
        #expect(
            news.changes == [
                .down(
                    HealthBookTests.subject("a"), checks: 1, cause: "it answered 503",
                    .init(well: 1, all: 2))
            ])
        #expect(news.places == [0])
        #expect(book.standing(0)?.isCheckedDown == true)
        #expect(book.record(0)?.status.lastError == "it answered 503")
        fail(&book, 0, at: 2)
        #expect(book.takeNews().changes == [])
        for second in [3, 4] {
            book.finished(0, .passed, HealthBookTests.moment(second))
        }
        #expect(
            book.takeNews().changes == [
                .up(HealthBookTests.subject("a"), checks: 2, .init(well: 2, all: 2))
            ])
        let standing = try #require(book.standing(0))
        #expect(!standing.isCheckedDown)
        #expect(standing.risenAt == HealthBookTests.moment(4).monotonic)
        #expect(book.record(0)?.status.since.seconds == 4)
        #expect(book.record(0)?.status.lastError == nil)
    }

    @Test("Workers are told which servers that are down may be back before they are up")
    func refusal() {
        var book = book(HealthBookTests.group("a", "b"))
        let refused = CheckVerdict.unreachable(
            SystemError(code: ECONNREFUSED, operation: "connect to", subject: "a"),
            isAtOwnPort: true)
        for second in [1, 2] {
            book.finished(0, refused, HealthBookTests.moment(second))
            #expect(book.standing(0)?.mayBeBack == true)
            #expect(book.standing(0)?.mayBeTried() == true)
            #expect(book.takeNews().places == (second == 1 ? [0] : []))
        }
        fail(&book, 0, at: 3)
        #expect(book.standing(0)?.mayBeTried() == false)
        #expect(book.takeNews().places == [0])
        // Not up before the second, but better than none.
        book.finished(0, .passed, HealthBookTests.moment(4))
        #expect(book.standing(0)?.isCheckedDown == true && book.standing(0)?.mayBeTried() == true)
        #expect(book.takeNews().places == [0])
    }

    /// With every port towards a server in use, it went down in the rush.
    @Test(
        "What is short here is no verdict; no address to connect from is one unless it was well",
        arguments: [
            (EADDRNOTAVAIL, true, false), (ECONNREFUSED, true, true), (ENETUNREACH, true, true),
            (EMFILE, false, false), (ENOBUFS, false, false),
        ])
    func shortage(code: CInt, first: Bool, well: Bool) {
        let error = SystemError(code: code, operation: "connect to", subject: "a")
        var book = book(HealthBookTests.group("a"))
        #expect(book.isJudged(0, by: error) == first)
        book.finished(0, .passed, HealthBookTests.moment(1))
        // One check that fails in the rush changes nothing of that.
        fail(&book, 0, at: 2)
        for _ in 0..<10 { #expect(book.isJudged(0, by: error) == well) }
        // What lasts is no rush: the machine may have lost its address.
        let lasts = code == EADDRNOTAVAIL || well
        #expect(book.isJudged(0, by: error) == lasts)
        book.finished(0, .passed, HealthBookTests.moment(3))
        #expect(book.isJudged(0, by: error) == well)
    }

    @Test("A reload keeps what is known of servers that stay, and forgets those that leave")
    func reload() {
        var book = book(HealthBookTests.group("a", "b"))
        fail(&book, 0)
        fail(&book, 1)
        _ = book.takeNews()
        let (fresh, left) = book.adopt(
            [HealthBookTests.group("c", "a")], HealthBookTests.moment(2))
        #expect(left == [1])
        #expect(fresh.count == 1)
        #expect(book.standing(0)?.isCheckedDown == true)
        #expect(book.record(1) == nil || fresh == [1])
        let news = book.takeNews()
        #expect(news.changes == [])
        // The workers are told all of it anew.
        #expect(news.places == Set(fresh + [0]))
        // It comes back as one that nothing is known of.
        _ = book.adopt([HealthBookTests.group("a", "b")], HealthBookTests.moment(3))
        #expect((0..<3).compactMap { book.standing($0)?.isCheckedDown }.count(where: { $0 }) == 1)
    }

    @Test("Another address is another server; another check is decided by its first result")
    func replaced() {
        var book = book(HealthBookTests.group("a", "b"))
        fail(&book, 0)
        fail(&book, 1)
        var group = HealthBookTests.group("a")
        group = HealthGroup(
            backend: "b",
            servers: [HealthBookTests.subject("a", port: 2), HealthBookTests.subject("b")],
            check: group.check)
        #expect(book.adopt([group], HealthBookTests.moment(2)).fresh == [0])
        #expect(book.standing(0)?.isCheckedDown == false)
        #expect(book.standing(1)?.isCheckedDown == true)
        group.check?.path = "/other"
        #expect(book.adopt([group], HealthBookTests.moment(3)).fresh == [0, 1])
        #expect(book.standing(1)?.isCheckedDown == true)
        book.finished(1, .passed, HealthBookTests.moment(4))
        #expect(book.standing(1)?.isCheckedDown == false)
        fail(&book, 0)
        group.check = nil
        _ = book.adopt([group], HealthBookTests.moment(5))
        #expect(book.standing(0)?.isCheckedDown == false)
    }

    @Test("A server that workers report is left out, comes back, and is left out longer")
    func ejection() throws {
        var book = book(HealthBookTests.group("a", "b"))
        report(&book, "a")
        let share = HealthChange.Share(well: 1, all: 2)
        let subject = HealthBookTests.subject("a")
        #expect(
            book.takeNews().changes == [
                .ejected(
                    subject, .consecutiveFailures, failures: 5, requests: 5,
                    during: .seconds(10), share)
            ])
        let end = HealthBookTests.moment(11).monotonic
        #expect(book.standing(0)?.ejectedUntil == end)
        #expect(book.standing(0)?.risenAt == end)
        #expect(book.nextReadmission == end)
        // Another worker has seen the same.
        report(&book, "a", at: 2)
        book.readmit(HealthBookTests.moment(10))
        #expect(book.takeNews().changes == [])
        book.readmit(HealthBookTests.moment(11))
        #expect(book.takeNews().changes == [.readmitted(subject, .init(well: 2, all: 2))])
        #expect(book.nextReadmission == nil)
        report(&book, "a", at: 11)
        #expect(book.standing(0)?.ejectedUntil == HealthBookTests.moment(31).monotonic)
    }

    @Test(
        "Servers are left out down to the minimum share, and never the last",
        arguments: [(50, 2), (51, 1), (75, 1), (76, 0), (100, 0), (25, 3), (0, 3)])
    func share(minimum: Int, ejected: Int) {
        var book = book(HealthBookTests.group("a", "b", "c", "d") { $0.minimumShare = minimum })
        for name in ["a", "b", "c", "d"] { report(&book, name) }
        #expect(book.takeNews().changes.count == ejected)
    }

    @Test("Servers that are down count as left out")
    func shareOfChecked() {
        var book = book(HealthBookTests.group("a", "b", "c"))
        fail(&book, 0)
        _ = book.takeNews()
        report(&book, "b")
        #expect(book.takeNews().changes == [])
    }

    @Test(
        "All are used from where fewer than the threshold are well",
        arguments: [(0, 0), (25, 0), (26, 3), (50, 3), (51, 2), (100, 1)])
    func panic(threshold: Int, atFailure: Int) {
        var book = book(HealthBookTests.group("a", "b", "c", "d", panic: threshold))
        var begun = 0
        for place in 0..<3 {
            fail(&book, place)
            let news = book.takeNews()
            let share = HealthChange.Share(well: 3 - place, all: 4)
            if news.changes.contains(.panic(backend: "b", true, share)) {
                begun = place + 1
                #expect(news.places == [0, 1, 2, 3])
            }
        }
        #expect(begun == atFailure)
        for place in 0..<4 { #expect(book.standing(place)?.isInPanic == (atFailure > 0)) }
        for second in 2...3 {
            for place in 0..<3 { book.finished(place, .passed, HealthBookTests.moment(second)) }
        }
        let isOver = book.takeNews().changes.contains {
            if case .panic(_, false, _) = $0 { true } else { false }
        }
        #expect(isOver == (atFailure > 0))
        for place in 0..<4 { #expect(book.standing(place)?.isInPanic == false) }
    }
}
