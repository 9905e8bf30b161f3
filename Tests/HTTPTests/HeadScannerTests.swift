import Bytes
import Testing

@testable import HTTP

struct HeadScannerTests {
    /// Scans a head however it comes and insists on one result.
    private func scan(_ text: String, headBytes: Int = 1000) -> HeadScanner.Outcome {
        let bytes = Array(text.utf8)
        var results: [HeadScanner.Outcome] = []
        for ends in arrivals(bytes.count) + [[bytes.count]] {
            var scanner = HeadScanner(limits: .init(headBytes: headBytes))
            var outcome = HeadScanner.Outcome.needsMore
            for end in ends where outcome == .needsMore {
                outcome = scanner.scan(bytes.span.extracting(0..<end))
            }
            results.append(outcome)
        }
        #expect(results.allSatisfy { $0 == results[0] })
        return results[0]
    }

    @Test(
        "A head ends behind its first empty line and keeps the ends of its lines",
        arguments: [
            ("A\r\n\r\n", 0..<3, 5), ("A\r\nB\r\n\r\nC", 0..<6, 8), ("\r\nA\r\n\r\n\r\n", 2..<5, 7),
            ("A\r\n\r\n\n", 0..<3, 5), ("A\r\r\n\r\n", 0..<4, 6),
        ])
    func complete(_ text: String, _ head: Range<Int>, _ consumed: Int) {
        #expect(scan(text) == .complete(head: head, consumed: consumed))
    }

    @Test("An unfinished head needs more", arguments: ["", "A", "A\r", "A\r\n", "A\r\n\r", "\r\n"])
    func unfinished(_ text: String) {
        #expect(scan(text) == .needsMore)
    }

    @Test(
        "LF without CR is refused", arguments: ["\n", "A\n", "A\r\n\n", "A\r\nB\n\r\n", "\r\n\n"])
    func bareLineFeed(_ text: String) {
        #expect(scan(text) == .failed(.bareLineEnd))
    }

    @Test(
        "A second empty line before the head is refused",
        arguments: ["\r\n\r\n", "\r\n\r\nA\r\n\r\n"])
    func emptyLines(_ text: String) {
        #expect(scan(text) == .failed(.badStartLine))
    }

    @Test("All of the head counts, an empty line before it does not", arguments: ["", "\r\n"])
    func size(_ before: String) {
        let text = before + "AB\r\nC\r\n\r\n"
        for limit in [9, 10] {
            #expect(scan(text, headBytes: limit) != .failed(.headTooLarge))
        }
        for limit in [8, 7, 5, 4] {
            #expect(scan(text, headBytes: limit) == .failed(.headTooLarge))
        }
        for limit in [3, 1, 0] {
            #expect(scan(text, headBytes: limit) == .failed(.targetTooLong))
        }
    }

    @Test("A head that has not ended is refused as soon as it is too large")
    func endless() {
        #expect(scan("ABCDEFGH", headBytes: 8) == .needsMore)
        #expect(scan("ABCDEFGHI", headBytes: 8) == .failed(.targetTooLong))
        #expect(scan("AB\r\nCDEF", headBytes: 8) == .needsMore)
        #expect(scan("AB\r\nCDEFG", headBytes: 8) == .failed(.headTooLarge))
    }
}
