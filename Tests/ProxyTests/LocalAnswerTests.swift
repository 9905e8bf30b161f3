import Bytes
import HTTP
import Testing

@testable import Proxy

@Suite("LocalAnswer")
struct LocalAnswerTests {
    /// The head's lines without the date, and the body.
    private func parts(_ text: String) throws -> (lines: [String], date: String?, body: String) {
        let end = try #require(text.utf8.firstRange(of: Array("\r\n\r\n".utf8)))
        let lines = text[..<end.lowerBound].split(separator: "\r\n").map(String.init)
        return (
            lines.filter { !$0.hasPrefix("Date: ") }, lines.first { $0.hasPrefix("Date: ") },
            String(text[end.upperBound...])
        )
    }

    private func append(
        _ error: ProxyError, isHead: Bool = false, keepsAlive: Bool = true,
        to queue: inout ByteQueue
    ) {
        LocalAnswer.append(
            error, isHead: isHead, persistence: keepsAlive ? .goesOn : .ends,
            fields: FieldBlock(), site: .none, isTLS: true, to: &queue)
    }

    @Test("An error says status, reason and sentence", arguments: ProxyErrorTests.rows)
    func error(row: ProxyErrorTests.Row) throws {
        let error = ProxyError(row.kind)
        let (lines, date, body) = try parts(
            written { append(error, to: &$0) })
        let reason = "\(StatusText.reason(row.status))"
        #expect(body == "\(row.status) \(reason)\n\(error.text)\n")
        #expect(
            lines == [
                "HTTP/1.1 \(row.status) \(reason)", "Content-Type: text/plain; charset=utf-8",
                "Content-Length: \(body.utf8.count)",
            ] + (error.retryAfter.map { ["Retry-After: \($0)"] } ?? []))
        #expect(date?.hasSuffix(" GMT") == true)
    }

    @Test(
        "Who has to wait is told for how many seconds, rounded up",
        arguments: [
            (.nanoseconds(1), 1), (.milliseconds(999), 1), (.seconds(1), 1),
            (.seconds(1) + .nanoseconds(1), 2), (.seconds(7), 7),
        ] as [(Duration, Int)])
    func retryAfter(wait: Duration, seconds: Int) throws {
        let error = ProxyError(.tooManyRequests(wait: wait))
        #expect(error.retryAfter == seconds)
        let (lines, _, _) = try parts(written { append(error, to: &$0) })
        #expect(lines.last == "Retry-After: \(seconds)")
    }

    @Test("The answer to HEAD has the same fields and no body", arguments: ProxyErrorTests.rows)
    func headRequest(row: ProxyErrorTests.Row) throws {
        let error = ProxyError(row.kind)
        let get = try parts(
            written { append(error, to: &$0) })
        let head = try parts(
            written { append(error, isHead: true, to: &$0) })
        #expect(head.lines == get.lines)
        #expect(head.body == "")
    }

    @Test("The last answer of a connection says so", arguments: [true, false])
    func close(keepsAlive: Bool) throws {
        let lines = try parts(
            written {
                append(ProxyError(.noRoute), keepsAlive: keepsAlive, to: &$0)
            }
        ).lines
        #expect(lines.contains("Connection: close") == !keepsAlive)
    }

    @Test(
        "A redirect keeps host, path and query, and names any port but 443",
        arguments: [
            ("GET /a?b=c HTTP/1.1", "h.example", 443, "https://h.example/a?b=c"),
            ("GET /a?b=c HTTP/1.1", "h.example:80", 443, "https://h.example/a?b=c"),
            ("GET / HTTP/1.1", "h.example:80", 8443, "https://h.example:8443/"),
            ("GET / HTTP/1.1", "[::1]:80", 8443, "https://[::1]:8443/"),
            ("POST http://x.example/p HTTP/1.1", "h.example", 443, "https://x.example/p"),
            ("OPTIONS * HTTP/1.1", "h.example", 443, "https://h.example"),
            ("OPTIONS * HTTP/1.1", "h.example", 444, "https://h.example:444"),
        ])
    func redirect(line: String, host: String, port: UInt16, location: String) throws {
        let text = try withRequest(head(line, "Host: \(host)")) { request in
            var queue = ByteQueue()
            LocalAnswer.appendRedirect(request, port: port, persistence: .goesOn, to: &queue)
            return String(copying: queue.bytes)
        }
        let (lines, _, body) = try parts(text)
        #expect(lines.first == "HTTP/1.1 308 Permanent Redirect")
        #expect(lines.contains("Location: \(location)"))
        #expect(lines.contains("Content-Length: 0"))
        #expect(body == "")
    }

    @Test("Plain HTTP on a TLS port is told what to do")
    func plainHTTP() throws {
        let (lines, _, body) = try parts(written { LocalAnswer.appendPlainHTTP(to: &$0) })
        #expect(lines.first == "HTTP/1.1 400 Bad Request")
        #expect(lines.contains("Content-Length: \(body.utf8.count)"))
        #expect(lines.contains("Connection: close"))
        #expect(body.contains("HTTPS"))
    }
}
