import Bytes
import Testing

@testable import HTTP

struct ResponseParserTests {
    /// Parses a response however it comes and insists on one result.
    private func parse(
        _ text: String, limits: MessageLimits = .init(), to method: HTTP.Method = .get
    ) -> ResponseFacts {
        let bytes = Array(text.utf8)
        let whole = parseResponse(bytes, ends: [bytes.count], limits: limits, to: method)
        for ends in arrivals(bytes.count) {
            let parts = parseResponse(bytes, ends: ends, limits: limits, to: method)
            if parts != whole { Issue.record("\(ends): \(parts) is not \(whole)") }
        }
        return whole
    }

    @Test(
        "A status line may have a reason, an empty one, or none",
        arguments: [
            ("HTTP/1.1 200 OK", 200, "OK"), ("HTTP/1.1 404 Not  Found ", 404, "Not  Found "),
            ("HTTP/1.1 204 ", 204, ""), ("HTTP/1.1 599", 599, ""), ("HTTP/1.1 100 é\t", 100, "é\t"),
        ])
    func statusLine(_ line: String, _ status: Int, _ reason: String) {
        let facts = parse(line + "\r\n\r\n")
        #expect(facts.outcome == .complete(consumed: line.utf8.count + 4))
        #expect(facts.status == status)
        #expect(facts.reason == reason)
        #expect(facts.fields.isEmpty)
    }

    @Test(
        "A malformed head is refused",
        arguments: [
            Refusal("HTTP/1.1 99 OK\r\n\r\n", .badStatus),
            Refusal("HTTP/1.1 099 OK\r\n\r\n", .badStatus),
            Refusal("HTTP/1.1 600 OK\r\n\r\n", .badStatus),
            Refusal("HTTP/1.1 2000 OK\r\n\r\n", .badStatus),
            Refusal("HTTP/1.1 20x OK\r\n\r\n", .badStatus),
            Refusal("HTTP/1.1 +20 OK\r\n\r\n", .badStatus),
            Refusal("HTTP/1.1 200\tOK\r\n\r\n", .badStatus),
            Refusal("HTTP/1.1  200 OK\r\n\r\n", .badStatus),
            Refusal("HTTP/1.1 20\r\n\r\n", .badStartLine),
            Refusal("HTTP/1.1\r\n\r\n", .badStartLine),
            Refusal("HTTP/1.1 200 O\u{1}K\r\n\r\n", .badStartLine),
            Refusal("HTTP/1.1 200 O\rK\r\n\r\n", .badStartLine),
            Refusal("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion),
            Refusal("HTTP/1.x 200 OK\r\n\r\n", .badStartLine),
            Refusal("HTCP/1.1 200 OK\r\n\r\n", .badStartLine),
            Refusal("\r\nHTTP/1.1 200 OK\r\n\r\n", .badStartLine),
            Refusal("http/1.1 200 OK\r\n\r\n", .badStartLine),
            Refusal("<html>", .badStartLine),
            Refusal("HTTP/1.1 200 OK\n\r\n", .bareLineEnd),
            Refusal("HTTP/1.1 200 OK\r\nA: b\n\r\n", .bareLineEnd),
            Refusal("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", .bareLineEnd),
            Refusal("HTTP/1.1 200 OK\r\nA: b\r\n\n", .bareLineEnd),
            Refusal("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", .badFieldName),
            Refusal("HTTP/1.1 200 OK\r\n: b\r\n\r\n", .badFieldName),
            Refusal("HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n", .badFieldValue),
            Refusal("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .foldedField),
        ])
    func malformed(_ refusal: Refusal) {
        #expect(parse(refusal.message).fault == refusal.fault)
    }

    @Test(
        "Framing that could be understood in two ways is refused, body or no body",
        arguments: [
            ("1.1", "Content-Length: 1\r\nTransfer-Encoding: chunked", .conflictingFraming),
            ("1.1", "Transfer-Encoding: gzip, chunked", .badTransferEncoding),
            ("1.1", "Transfer-Encoding: gzip", .badTransferEncoding),
            ("1.0", "Transfer-Encoding: chunked", .transferEncodingInHTTP10),
            ("1.1", "Content-Length: 1, 1", .badContentLength),
            ("1.1", "Content-Length:", .badContentLength),
            ("1.1", "Content-Length: 1\r\nContent-Length: 1", .repeatedContentLength),
        ] as [(String, String, HTTPFault)])
    func framingFaults(_ version: String, _ fields: String, _ fault: HTTPFault) {
        for status in [101, 200, 204, 304] {
            let facts = parse("HTTP/\(version) \(status) A\r\n\(fields)\r\n\r\n")
            #expect(facts.fault == fault)
        }
    }

    @Test(
        "Status and method decide before the fields whether there is a body",
        arguments: [
            (200, .get, "X: 1", .untilClose), (200, .get, "Content-Length: 5", .length(5)),
            (200, .get, "Transfer-Encoding: chunked", .chunked),
            (200, .get, "Content-Length: 0", .length(0)),
            (100, .get, "X: 1", .none), (101, .get, "X: 1", .none), (103, .get, "X: 1", .none),
            (204, .get, "Content-Length: 0", .none), (205, .get, "Content-Length: 0", .length(0)),
            (205, .get, "X: 1", .untilClose),
            (304, .get, "Content-Length: 5", .none), (304, .get, "X: 1", .none),
            (200, .head, "Content-Length: 5", .none), (200, .head, "X: 1", .none),
            (404, .head, "Transfer-Encoding: chunked", .none), (500, .post, "X: 1", .untilClose),
        ] as [(Int, HTTP.Method, String, BodyFraming)])
    func framing(_ status: Int, _ method: HTTP.Method, _ field: String, _ expected: BodyFraming) {
        let facts = parse("HTTP/1.1 \(status) A\r\n\(field)\r\n\r\n", to: method)
        #expect(facts.framing == expected)
    }

    /// RFC 9112 §6.1, RFC 9110 §8.6, RFC 9110 §15.3.6: who believes the field reads on, and who
    /// believes the status takes what follows for the next response.
    @Test(
        "A status without a body beside a field that announces one is refused",
        arguments: [
            (199, "Content-Length: 5"), (101, "Content-Length: 1"), (204, "Content-Length: 5"),
            (204, "Transfer-Encoding: chunked"), (103, "Transfer-Encoding: chunked"),
            (205, "Content-Length: 1"),
        ])
    func framedEmpty(_ status: Int, _ field: String) {
        for method in [HTTP.Method.get, .head] {
            let facts = parse("HTTP/1.1 \(status) A\r\n\(field)\r\n\r\n", to: method)
            #expect(facts.fault == .framedEmptyResponse)
        }
    }

    @Test(
        "The connection stays open exactly where both versions' rules say so",
        arguments: [
            ("1.1", "x", true), ("1.1", "close", false), ("1.1", "keep-alive,Close", false),
            ("1.0", "x", false), ("1.0", "keep-alive", true), ("1.0", "keep-alive, close", false),
        ])
    func keepAlive(_ version: String, _ value: String, _ isKeepAlive: Bool) {
        let facts = parse("HTTP/\(version) 200 OK\r\nConnection: \(value)\r\n\r\n")
        #expect(facts.isKeepAlive == isKeepAlive)
    }

    @Test("Fields that Connection names are for the next hop only")
    func hopByHop() {
        let facts = parse(
            "HTTP/1.1 200 OK\r\nConnection: x-a, content-length\r\nX-A: 1\r\nKeep-Alive: 1\r\n"
                + "Content-Length: 3\r\n\r\n")
        #expect(facts.hopByHop == ["Connection: x-a, content-length", "X-A: 1", "Keep-Alive: 1"])
        #expect(facts.framing == .length(3))
    }

    /// An empty name and a version without upgrades once passed for a change of protocol.
    @Test(
        "The protocol changes exactly where one is named as RFC 9110 §7.8 says",
        arguments: [
            ("1.1", "Connection: upgrade\r\nUpgrade: websocket", "websocket"),
            ("1.1", "Connection: upgrade\r\nUpgrade:", nil), ("1.1", "Upgrade: websocket", nil),
            ("1.1", "Connection: upgrade", nil),
            ("1.1", "Connection: upgrade\r\nUpgrade: a\r\nUpgrade: a", nil),
            ("1.0", "Connection: upgrade\r\nUpgrade: websocket", nil),
        ])
    func upgrade(_ version: String, _ fields: String, _ expected: String?) {
        let facts = parse("HTTP/\(version) 101 A\r\n\(fields)\r\n\r\n")
        #expect(facts.fault == nil)
        #expect(facts.upgrade == expected)
    }

    @Test("A head that is used again keeps nothing of the response before")
    func headReuse() {
        let full =
            "HTTP/1.0 200 Good\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n"
        let chunked = "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n"
        let plain = "HTTP/1.0 404\r\n\r\n"
        var head = ResponseHead()
        for text in [full, plain, chunked, plain, full, chunked] {
            let bytes = Array(text.utf8)
            var parser = ResponseParser(limits: .init())
            let outcome = parser.parse(bytes.span, requestMethod: .get, into: &head)
            let facts = ResponseFacts(outcome, head, .get)
            #expect(facts == parseResponse(bytes, ends: [bytes.count]))
        }
    }

    @Test("The head's size is limited", arguments: [-1, 0, 1])
    func headSize(_ excess: Int) {
        let text = "HTTP/1.1 200 OK\r\nA: abcdefgh\r\n\r\n"
        let facts = parse(text, limits: .init(headBytes: text.utf8.count - excess))
        #expect(facts.fault == (excess > 0 ? .headTooLarge : nil))
        let line = "HTTP/1.1 200 abcdefghijk\r\n"
        let endless = parse(line + "\r\n", limits: .init(headBytes: line.utf8.count - excess))
        #expect(endless.fault == .headTooLarge)
    }

    @Test("The number of fields is limited", arguments: [0, 9, 10, 11])
    func fieldCount(_ count: Int) {
        let fields = (0..<count).map { "X\($0): \($0)\r\n" }.joined()
        let facts = parse("HTTP/1.1 200 OK\r\n\(fields)\r\n", limits: .init(fieldCount: 10))
        #expect(facts.fault == (count > 10 ? .tooManyFields : nil))
    }

    @Test("A reset parser takes the response behind an interim one")
    func interim() {
        let first = "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
        let bytes = Array((first + "HTTP/1.1 200 OK\r\nA: b\r\n\r\n").utf8)
        var parser = ResponseParser(limits: .init())
        var head = ResponseHead()
        let interim = parser.parse(bytes.span, requestMethod: .get, into: &head)
        #expect(interim == .complete(consumed: first.utf8.count))
        parser.reset()
        head.reset()
        let rest = bytes.span.extracting(first.utf8.count...)
        let facts = ResponseFacts(
            parser.parse(rest, requestMethod: .get, into: &head), head, .get)
        #expect(facts.status == 200)
        #expect(facts.fields == ["A: b"])
    }
}
