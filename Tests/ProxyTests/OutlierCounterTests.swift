import Config
import Platform
import Telemetry
import Testing

@testable import Proxy

@Suite("OutlierCounter")
struct OutlierCounterTests {
    static let start = MonotonicTime(nanoseconds: 60_000_000_000)

    private static func rules(row: Int, rate: Int? = nil) -> OutlierConfig {
        var rules = OutlierConfig()
        rules.consecutiveFailures = row
        rules.errorRate = rate
        return rules
    }

    /// Records `-` for a failure and `+` for a success, one each millisecond; returns after how
    /// many something was said.
    private func record(
        _ text: String, _ counter: inout OutlierCounter, _ rules: OutlierConfig,
        at start: MonotonicTime = OutlierCounterTests.start
    ) -> [Int] {
        text.enumerated().compactMap { index, character in
            counter.record(
                isFailure: character == "-", rules: rules, now: start + .milliseconds(index)
            ).map { _ in index + 1 }
        }
    }

    @Test(
        "So many failures in a row are reported",
        arguments: [
            ("--", []), ("---", [3]), ("--+--", []), ("--+---", [6]), ("+++---", [6]),
        ] as [(String, [Int])])
    func row(text: String, said: [Int]) {
        var counter = OutlierCounter()
        #expect(record(text, &counter, OutlierCounterTests.rules(row: 3)) == said)
    }

    @Test("A server that goes on failing is reported once a second")
    func silence() {
        var counter = OutlierCounter()
        let text = String(repeating: "-", count: 2100)
        #expect(record(text, &counter, OutlierCounterTests.rules(row: 5)) == [5, 1005, 2005])
    }

    @Test(
        "A share of failures is reported from 20 requests on",
        arguments: [
            (String(repeating: "+-", count: 9) + "+", []),
            (String(repeating: "+-", count: 10), [20]),
            (String(repeating: "+-", count: 9) + "++-", []),
            (String(repeating: "+-", count: 9) + "++--", [22]),
        ] as [(String, [Int])])
    func rate(text: String, said: [Int]) {
        var counter = OutlierCounter()
        #expect(record(text, &counter, OutlierCounterTests.rules(row: 100, rate: 50)) == said)
    }

    @Test("Requests of more than ten seconds ago do not count")
    func window() {
        let rules = OutlierCounterTests.rules(row: 100, rate: 50)
        let begun = String(repeating: "+-", count: 9)
        let end = OutlierCounterTests.start + OutlierCounter.window
        var counter = OutlierCounter()
        #expect(record(begun, &counter, rules) == [])
        #expect(record("+-", &counter, rules, at: end + .milliseconds(-2)) == [2])
        counter = OutlierCounter()
        #expect(record(begun, &counter, rules) == [])
        #expect(record("+-", &counter, rules, at: end) == [])
    }

    @Test("The report says how many of how many have failed")
    func numbers() throws {
        var counter = OutlierCounter()
        let rules = OutlierCounterTests.rules(row: 100, rate: 50)
        _ = record(String(repeating: "+-", count: 9) + "-", &counter, rules)
        let finding = counter.record(
            isFailure: true, rules: rules, now: OutlierCounterTests.start + .seconds(1))
        #expect(finding?.cause == .errorRate)
        #expect(finding?.failures == 11 && finding?.requests == 20)
    }
}
