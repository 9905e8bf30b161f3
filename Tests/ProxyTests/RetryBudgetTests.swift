import Platform
import Testing

@testable import Proxy

@Suite("RetryBudget")
struct RetryBudgetTests {
    /// So many seconds after the begin of a window.
    private static func time(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: 1_000_000_000_000 + Int64(seconds * 1e9))
    }

    /// How many attempts there are, one after the other.
    private static func taken(_ budget: inout RetryBudget, at seconds: Double) -> Int {
        var count = 0
        while count < 10_000, budget.take(now: time(seconds)) { count += 1 }
        return count
    }

    private static func budget(_ percent: Int?, requests: Int, at seconds: Double = 0)
        -> RetryBudget
    {
        var budget = RetryBudget(percent: percent)
        for _ in 0..<requests { budget.count(now: time(seconds)) }
        return budget
    }

    @Test(
        "There is a share of the requests, and a few in any case",
        arguments: [(0, 100), (499, 100), (500, 100), (505, 101), (1_000, 200), (10_000, 2_000)])
    func share(requests: Int, attempts: Int) {
        var budget = RetryBudgetTests.budget(20, requests: requests)
        #expect(RetryBudgetTests.taken(&budget, at: 0) == attempts)
    }

    @Test("Nothing bounds the attempts where there is no budget, and 0 percent are none")
    func extremes() {
        var unbounded = RetryBudgetTests.budget(nil, requests: 0)
        #expect(RetryBudgetTests.taken(&unbounded, at: 0) == 10_000)
        var none = RetryBudgetTests.budget(0, requests: 10_000)
        #expect(RetryBudgetTests.taken(&none, at: 0) == 0)
    }

    @Test(
        "The window slides: what has come and was taken fades away",
        arguments: [(9.0, 0), (10.0, 0), (15.0, 50), (19.99, 100), (20.0, 100), (60.0, 100)])
    func sliding(seconds: Double, attempts: Int) {
        var budget = RetryBudgetTests.budget(20, requests: 0)
        #expect(RetryBudgetTests.taken(&budget, at: 0) == 100)
        #expect(RetryBudgetTests.taken(&budget, at: seconds) == attempts)
    }

    @Test("Requests of the window before count as far as the window covers them")
    func before() {
        var budget = RetryBudgetTests.budget(20, requests: 10_000)
        #expect(RetryBudgetTests.taken(&budget, at: 15) == 1_000)
        var late = RetryBudgetTests.budget(20, requests: 10_000)
        #expect(RetryBudgetTests.taken(&late, at: 20) == 100)
    }
}
