import Bytes
import Testing

@testable import HTTP

/// A request that must be refused, and why.
struct Refusal: CustomTestStringConvertible, Sendable {
    let message: String
    let fault: HTTPFault
    let status: Int

    init(_ message: String, _ fault: HTTPFault, _ status: Int = 400) {
        self.message = message
        self.fault = fault
        self.status = status
    }

    /// A request whose fields are a good Host and these lines.
    init(fields: String, _ fault: HTTPFault, _ status: Int = 400) {
        self.init("GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n", fault, status)
    }

    var testDescription: String { message.debugDescription }
}

struct RequestParserTests {
    /// Parses a request however it comes and insists on one result.
    private func parse(_ text: String, limits: MessageLimits = .init()) -> RequestFacts {
        let bytes = Array(text.utf8)
        let whole = parseRequest(bytes, ends: [bytes.count], limits: limits)
        for ends in arrivals(bytes.count) {
            let parts = parseRequest(bytes, ends: ends, limits: limits)
            if parts != whole { Issue.record("\(ends): \(parts) is not \(whole)") }
        }
        return whole
    }

    @Test("A request without fields is complete in HTTP/1.0")
    func noFields() {
        let facts = parse("GET / HTTP/1.0\r\n\r\n")
        #expect(facts.outcome == .complete(consumed: 18))
        #expect(facts.fields.isEmpty)
        #expect(facts.host.isEmpty)
        #expect(facts.version == .http10)
        #expect(!facts.isKeepAlive)
    }

    @Test("A request with one field is complete")
    func oneField() {
        let facts = parse("GET /a/b?c=d HTTP/1.1\r\nHost: shop.example:81\r\n\r\n")
        #expect(facts.outcome == .complete(consumed: 48))
        #expect(facts.method == "GET")
        #expect(facts.target == "/a/b?c=d")
        #expect(facts.pathAndQuery == "/a/b?c=d")
        #expect(facts.path == "/a/b")
        #expect(facts.authority == "shop.example:81")
        #expect(facts.host == "shop.example")
        #expect(facts.fields == ["Host: shop.example:81"])
        #expect(facts.framing == .none)
        #expect(facts.isKeepAlive)
        #expect(!facts.expectsContinue)
    }

    @Test("Many fields keep order, spelling and bytes above ASCII; white space around values goes")
    func manyFields() {
        let facts = parse(
            "POST / HTTP/1.1\r\nhOsT:a\r\nX-A: 1\r\nx-a:\t 2 3\t \r\nX-Empty:\r\nX-É: no\r\n\r\n"
                .replacing("X-É", with: "X-E"))
        #expect(facts.fields == ["hOsT: a", "X-A: 1", "x-a: 2 3", "X-Empty: ", "X-E: no"])
        let umlaut = parse("GET / HTTP/1.1\r\nHost: a\r\nX: ä\tb\r\n\r\n")
        #expect(umlaut.fields.last == "X: ä\tb")
    }

    @Test("What follows the head is not consumed")
    func pipelined() {
        let first = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
        let bytes = Array((first + "GET /2 HTTP/1.1\r\nHost: b\r\n\r\n").utf8)
        var parser = RequestParser(limits: .init())
        var head = RequestHead()
        let outcome = parser.parse(bytes.span, into: &head)
        #expect(outcome == .complete(consumed: first.utf8.count))
        parser.reset()
        head.reset()
        let rest = parser.parse(bytes.span.extracting(first.utf8.count...), into: &head)
        #expect(rest == .complete(consumed: first.utf8.count))
        let facts = RequestFacts(rest, head)
        #expect(facts.path == "/2")
        #expect(facts.host == "b")
        #expect(facts.fields == ["Host: b"])
    }

    @Test("A head that is used again keeps nothing of the request before")
    func headReuse() {
        let full =
            "POST http://x.example/a?b HTTP/1.0\r\nHost: h\r\nContent-Length: 5\r\n"
            + "Connection: keep-alive\r\n\r\n"
        let upgrade =
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
            + "Expect: 100-continue\r\n\r\n"
        let plain = "GET /p HTTP/1.0\r\n\r\n"
        var head = RequestHead()
        for text in [full, plain, upgrade, plain, full, upgrade] {
            let bytes = Array(text.utf8)
            var parser = RequestParser(limits: .init())
            let outcome = parser.parse(bytes.span, into: &head)
            #expect(RequestFacts(outcome, head) == parseRequest(bytes, ends: [bytes.count]))
        }
    }

    @Test("One empty line before a request is forgiven, a second is not")
    func leadingEmptyLine() {
        let facts = parse("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(facts.outcome == .complete(consumed: 29))
        #expect(facts.path == "/")
        #expect(parse("\r\n").outcome == .needsMore)
        #expect(parse("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").fault == .badStartLine)
        #expect(parse("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").fault == .badStartLine)
        #expect(parse("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n").fault?.status == 400)
        #expect(parse("\r\n\u{16}\u{3}\u{1}").fault == .badStartLine)
    }

    @Test(
        "Whoever speaks another protocol is told at the first byte",
        arguments: ["\u{16}", "\u{80}", "\0", " ", "\n", "(", "\u{7f}"])
    func otherProtocol(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(parseRequest(bytes, ends: [1]).fault == .badStartLine)
    }

    @Test("An unfinished head waits", arguments: ["", "G", "GET / HTTP/1.1\r\nHost: a\r\n", "\r"])
    func unfinished(_ text: String) {
        #expect(parse(text).outcome == .needsMore)
    }

    @Test(
        "A request line that is not one is refused",
        arguments: [
            Refusal("GET /\r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("GET\r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("GET / a HTTP/1.1\r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
            Refusal("GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", .badStartLine),
            Refusal(" GET / HTTP/1.1\r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("G{T / HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
            Refusal("G\0T / HTTP/1.1\r\nHost: a\r\n\r\n", .badMethod),
            Refusal("GET / http/1.1\r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("GET / HTTP/1.\r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("GET / HTTP/1.10\r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("GET / HTTP/x.1\r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("GET / \r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("GET / HTTP/1.2\r\nHost: a\r\n\r\n", .unsupportedVersion, 505),
            Refusal("GET / HTTP/0.9\r\nHost: a\r\n\r\n", .unsupportedVersion, 505),
            Refusal("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion, 505),
            Refusal("CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", .connectRefused, 501),
        ])
    func startLine(_ refusal: Refusal) {
        let fault = parse(refusal.message).fault
        #expect(fault == refusal.fault)
        #expect(fault?.status == refusal.status)
    }

    @Test(
        "A head whose lines or fields are malformed is refused",
        arguments: [
            Refusal("GET / HTTP/1.1\nHost: a\r\n\r\n", .bareLineEnd),
            Refusal("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineEnd),
            Refusal("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineEnd),
            Refusal("GET / HTTP/1.1\r\nHost: a\n\n", .bareLineEnd),
            Refusal("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", .badStartLine),
            Refusal("GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", .badTarget),
            Refusal(fields: "X: a\rb", .bareLineEnd),
            Refusal(fields: "X: a\r", .bareLineEnd),
            Refusal(fields: "X\r: a", .bareLineEnd),
            Refusal(fields: "\rX: a", .bareLineEnd),
            Refusal(fields: "\r", .bareLineEnd),
            Refusal(fields: "X: a\0b", .badFieldValue),
            Refusal(fields: "X: a\u{1}", .badFieldValue),
            Refusal(fields: "X: \u{b}a", .badFieldValue),
            Refusal(fields: "X: a\u{7f}", .badFieldValue),
            Refusal(fields: "X\0: a", .badFieldName),
            Refusal(fields: "X\u{1}: a", .badFieldName),
            Refusal(fields: "X\u{7f}: a", .badFieldName),
            Refusal(fields: "Ä: a", .badFieldName),
            Refusal(fields: ": a", .badFieldName),
            Refusal(fields: ":", .badFieldName),
            Refusal(fields: "X : a", .badFieldName),
            Refusal(fields: "X\t: a", .badFieldName),
            Refusal(fields: "X Y: a", .badFieldName),
            Refusal(fields: "X", .badFieldName),
            Refusal(fields: "X=1", .badFieldName),
            Refusal(fields: " X: folded", .foldedField),
            Refusal(fields: "X: a\r\n b", .foldedField),
            Refusal(fields: "X: a\r\n\tb", .foldedField),
            Refusal(fields: "X: a\r\n ", .foldedField),
            Refusal("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedField),
        ])
    func fields(_ refusal: Refusal) {
        let fault = parse(refusal.message).fault
        #expect(fault == refusal.fault)
        #expect(fault?.status == refusal.status)
    }
}
