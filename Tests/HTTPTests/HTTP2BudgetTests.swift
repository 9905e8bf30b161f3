import Testing

@testable import HTTP

/// The token bucket.
struct HTTP2BudgetTests {
    private func check(_ left: inout HTTP2Allowance, _ time: Int64, _ expected: Bool) {
        let isTaken = left.take(milliseconds: time)
        #expect(isTaken == expected)
    }

    @Test("The burst is let through, then so many each second, and no more than the burst is saved")
    func bucket() {
        var left = HTTP2Allowance(.init(burst: 3, perSecond: 2), milliseconds: 100)
        for _ in 0..<3 { check(&left, 100, true) }
        for time: Int64 in [100, 300, 599] { check(&left, time, false) }
        check(&left, 600, true)
        check(&left, 601, false)
        var saved = 0
        while left.take(milliseconds: 1_000_000) { saved += 1 }
        #expect(saved == 3)
        check(&left, 0, false)
    }
}
