import Config
import Platform
import Testing

@testable import Server

struct NameBookTests {
    private static let start = MonotonicTime(nanoseconds: 1_000_000_000_000)
    private static let question = NameQuestion.host("a.example")

    private func interval(_ all: ResolveConfig...) -> NameBook.Interval {
        var interval = NameBook.Interval()
        for one in all { interval.add(one) }
        return interval
    }

    private func book(_ interval: NameBook.Interval) -> NameBook {
        var book = NameBook()
        book.follow([NameBookTests.question: interval], now: NameBookTests.start)
        return book
    }

    private func success(
        _ addresses: [UInt32], ttl: UInt32? = nil, isPartial: Bool = false
    ) -> LookupResult {
        LookupResult(
            question: NameBookTests.question,
            outcome: .success(.addresses(addresses.map { .ipv4($0, port: 0) })), ttl: ttl,
            isPartial: isPartial)
    }

    private let failure = LookupResult(
        question: NameBookTests.question, outcome: .failure(.timeout))

    @Test(
        "A name is asked about again when its answer holds no longer, within bounds",
        arguments: [
            (0, 1), (1, 1), (2, 2), (299, 299), (300, 300), (301, 300), (UInt32.max, 300),
            (nil, 30),
        ] as [(UInt32?, Int64)])
    func ttl(ttl: UInt32?, seconds: Int64) {
        var book = book(interval(.automatic))
        #expect(book.takeDue(now: NameBookTests.start) == [NameBookTests.question])
        #expect(book.nextDue == nil)
        #expect(book.take(success([1], ttl: ttl), now: NameBookTests.start) == .changed)
        let due = NameBookTests.start + .seconds(seconds)
        #expect(book.nextDue == due)
        #expect(book.takeDue(now: due + .nanoseconds(-1)) == [])
        #expect(book.takeDue(now: due) == [NameBookTests.question])
        #expect(book.takeDue(now: due) == [])
    }

    @Test("The shortest interval of all backends counts; off is never")
    func intervals() {
        #expect(interval(.every(.seconds(9))).after(ttl: 2) == .seconds(9))
        #expect(interval(.every(.seconds(9)), .every(.seconds(8))).after(ttl: 2) == .seconds(8))
        #expect(interval(.every(.seconds(9)), .automatic).after(ttl: 2) == .seconds(2))
        #expect(interval(.every(.seconds(9)), .automatic).after(ttl: 20) == .seconds(9))
        #expect(interval(.off).after(ttl: 2) == nil)
        #expect(interval(.off, .automatic).after(ttl: 2) == .seconds(2))
    }

    @Test("Failures are tried again after 1, 2, 4, 8, 16 and then 30 seconds; the answer stays")
    func failures() {
        var book = book(interval(.automatic))
        var now = NameBookTests.start
        _ = book.take(success([1]), now: now)
        for (times, seconds) in [1, 2, 4, 8, 16, 30, 30].enumerated() {
            #expect(book.take(failure, now: now) == .failed(times: times + 1))
            #expect(book.nextDue == now + .seconds(Int64(seconds)))
            now = now + .seconds(Int64(seconds))
        }
        #expect(book[NameBookTests.question]?.answer == .addresses([.ipv4(1, port: 0)]))
        #expect(book.take(success([1]), now: now) == .recovered(isChanged: false))
        #expect(book.take(failure, now: now) == .failed(times: 1))
        #expect(book.take(success([2]), now: now) == .recovered(isChanged: true))
    }

    @Test("With off a name is asked about until somebody knows it, and then no more")
    func off() {
        var book = book(interval(.off))
        #expect(book.take(failure, now: NameBookTests.start) == .failed(times: 1))
        #expect(book.nextDue == NameBookTests.start + .seconds(1))
        #expect(book.take(success([1]), now: NameBookTests.start) == .recovered(isChanged: true))
        #expect(book.nextDue == nil)
        #expect(book.take(failure, now: NameBookTests.start) == .failed(times: 1))
        #expect(book.nextDue == nil)
    }

    @Test("Another order is nothing new")
    func order() {
        var book = book(interval(.automatic))
        #expect(book.take(success([1, 2, 3]), now: NameBookTests.start) == .changed)
        #expect(book.take(success([3, 1, 2]), now: NameBookTests.start) == .none)
        #expect(book.take(success([3, 1]), now: NameBookTests.start) == .changed)
    }

    @Test("A name that is followed no more is forgotten")
    func forgotten() {
        var book = book(interval(.automatic))
        _ = book.take(success([1]), now: NameBookTests.start)
        book.follow([:], now: NameBookTests.start)
        #expect(book[NameBookTests.question] == nil)
        #expect(book.take(success([2]), now: NameBookTests.start) == .none)
        #expect(book.nextDue == nil)
    }

    @Test("A name that stays followed keeps its answer and its time")
    func kept() {
        var book = book(interval(.automatic))
        _ = book.take(success([1], ttl: 60), now: NameBookTests.start)
        let later = NameBookTests.start + .seconds(20)
        book.follow([NameBookTests.question: interval(.automatic)], now: later)
        #expect(book.nextDue == NameBookTests.start + .seconds(60))
        book.follow([NameBookTests.question: interval(.every(.seconds(5)))], now: later)
        #expect(book.nextDue == NameBookTests.start + .seconds(5))
    }
}
