import Testing

@testable import HTTP

/// Each name in `Connection` is looked for among all fields.
struct FieldRulesConnectionTests {
    /// What is wrong with a request and with a response that have so many names in each of their
    /// `Connection` fields, where there may be many fields.
    private func faults(_ counts: [Int]) -> [HTTPFault?] {
        let limits = MessageLimits(headBytes: 1 << 20, fieldCount: 10_000)
        let lines = counts.enumerated().map { line, count in
            let names = (0..<count).map { "x\(line)-\($0)" }
            return "Connection: \(names.joined(separator: ", "))\r\n"
        }
        let request = Array("GET / HTTP/1.1\r\nHost: a\r\n\(lines.joined())\r\n".utf8)
        let response = Array("HTTP/1.1 200 OK\r\n\(lines.joined())\r\n".utf8)
        return [
            parseRequest(request, ends: [request.count], limits: limits).fault,
            parseResponse(response, ends: [response.count], limits: limits).fault,
        ]
    }

    @Test(
        "Connection names a hundred fields at most, however many fields there may be",
        arguments: [1, 99, 100, 101, 5_000])
    func names(count: Int) {
        let expected: HTTPFault? = count > 100 ? .tooManyFields : nil
        #expect(faults([count]) == [expected, expected])
    }

    @Test(
        "The names of several Connection fields count together",
        arguments: [(60, 40, false), (60, 41, true), (100, 1, true), (1, 100, true)])
    func together(first: Int, second: Int, isRefused: Bool) {
        let expected: HTTPFault? = isRefused ? .tooManyFields : nil
        #expect(faults([first, second]) == [expected, expected])
    }
}
