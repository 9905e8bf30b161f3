import Bytes
import Config
import Telemetry
import Testing

@testable import Server

struct CheckAnswerTests {
    /// Feeds an answer in pieces of `size` bytes, and then its end.
    private func verdict(
        _ text: String, size: Int, _ change: (inout HealthConfig) -> Void = { _ in }
    ) -> CheckVerdict? {
        var check = HealthConfig()
        change(&check)
        let answer = CheckAnswer(check)
        var input = ByteQueue()
        let bytes = Array(text.utf8)
        var position = 0
        while position < bytes.count {
            let end = min(bytes.count, position + size)
            input.append(bytes[position..<end].span)
            position = end
            if let verdict = answer.take(&input, isEnd: false) { return verdict }
        }
        return answer.take(&input, isEnd: true)
    }

    private func expect(
        _ text: String, _ result: HealthCheckResult, _ cause: String = "",
        _ change: (inout HealthConfig) -> Void = { _ in }
    ) {
        for size in [1, 7, 100_000] {
            let verdict = verdict(text, size: size, change)
            #expect(verdict?.result == result, "\(text.prefix(80)) by \(size)")
            #expect(verdict?.cause.contains(cause) == true, "\(verdict?.cause ?? "none")")
        }
    }

    @Test(
        "The status decides",
        arguments: [
            (200, true), (299, true), (302, true), (404, false), (500, false), (503, false),
        ])
    func status(status: Int, passes: Bool) {
        expect(
            "HTTP/1.1 \(status) Some\r\nContent-Length: 0\r\n\r\n", passes ? .passed : .status,
            passes ? "" : "it answered \(status), expected 2xx or 3xx")
    }

    @Test("Expected statuses are those of the configuration")
    func statuses() {
        let change: (inout HealthConfig) -> Void = {
            $0.status = StatusSet([204...204, 400...499])
        }
        expect("HTTP/1.1 204 No\r\n\r\n", .passed, "", change)
        expect("HTTP/1.1 401 No\r\n\r\n", .passed, "", change)
        expect("HTTP/1.1 200 OK\r\n\r\n", .status, "expected 204 or 4xx", change)
    }

    @Test("Answers that end early or break a rule fail with their cause")
    func broken() {
        expect("", .closed, "it closed without an answer")
        expect("HTTP/1.1 200 OK\r\nContent-Le", .closed, "in the middle of its answer")
        expect("SSH-2.0-OpenSSH_9.2\r\n", .malformed, "not HTTP/1.1")
        expect("HTTP/1.1 2000 OK\r\n\r\n", .malformed)
    }

    @Test("Interim answers are passed over, ten at most")
    func interim() {
        let interim = "HTTP/1.1 103 Early Hints\r\n\r\n"
        let final = "HTTP/1.1 200 OK\r\n\r\n"
        expect(String(repeating: interim, count: 10) + final, .passed)
        expect(String(repeating: interim, count: 11) + final, .malformed, "too many interim")
    }

    @Test("The expected text is found however the body is framed and cut")
    func body() {
        let change: (inout HealthConfig) -> Void = { $0.body = "all is well" }
        let text = "so far all is well here"
        expect("HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n" + text, .passed, "", change)
        expect("HTTP/1.1 200 OK\r\n\r\n" + text, .passed, "", change)
        let chunks = "4\r\nso f\r\n8\r\nar all i\r\n7\r\ns well!\r\n0\r\n\r\n"
        expect(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks, .passed, "", change)
        expect(
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nall is wel", .body,
            "does not contain 'all is well'", change)
        expect("HTTP/1.1 200 OK\r\n\r\nnothing", .body, "does not contain", change)
        expect(
            "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nnothing", .closed, "in the middle",
            change)
        expect("HTTP/1.1 204 No\r\n\r\n", .body, "does not contain", change)
        expect(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", .malformed,
            "not HTTP/1.1", change)
    }

    @Test("Of a body 64 KiB are looked at", arguments: [-1, 0, 1])
    func limit(excess: Int) {
        let text = String(repeating: "x", count: SoughtText.limit - 2 + excess) + "ok"
        for size in [1000, 100_000] {
            let verdict = verdict(
                "HTTP/1.1 200 OK\r\n\r\n" + text + "more", size: size, { $0.body = "ok" })
            #expect(verdict?.result == (excess <= 0 ? .passed : .body))
        }
    }
}
