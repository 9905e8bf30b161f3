import Bytes
import Testing

@testable import HTTP

/// What the parser concludes from the fields of a request.
struct RequestParserRulesTests {
    private func parse(_ text: String, limits: MessageLimits = .init()) -> RequestFacts {
        let bytes = Array(text.utf8)
        let whole = parseRequest(bytes, ends: [bytes.count], limits: limits)
        for ends in arrivals(bytes.count) {
            let parts = parseRequest(bytes, ends: ends, limits: limits)
            if parts != whole { Issue.record("\(ends): \(parts) is not \(whole)") }
        }
        return whole
    }

    private func parse(fields: String) -> RequestFacts {
        parse("POST / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n")
    }

    @Test(
        "Framing that could be understood in two ways is refused",
        arguments: [
            Refusal(fields: "Content-Length: 1\r\nTransfer-Encoding: chunked", .conflictingFraming),
            Refusal(fields: "Transfer-Encoding: chunked\r\nContent-Length: 0", .conflictingFraming),
            Refusal(fields: "Transfer-Encoding: gzip", .badTransferEncoding),
            Refusal(fields: "Transfer-Encoding: gzip, chunked", .badTransferEncoding),
            Refusal(fields: "Transfer-Encoding: chunked, chunked", .badTransferEncoding),
            Refusal(fields: "Transfer-Encoding: chunked,", .badTransferEncoding),
            Refusal(fields: "Transfer-Encoding: chunked;q=1", .badTransferEncoding),
            Refusal(fields: "Transfer-Encoding: \"chunked\"", .badTransferEncoding),
            Refusal(fields: "Transfer-Encoding: xchunked", .badTransferEncoding),
            Refusal(fields: "Transfer-Encoding: identity", .badTransferEncoding),
            Refusal(fields: "Transfer-Encoding:", .badTransferEncoding),
            Refusal(
                fields: "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                .badTransferEncoding),
            Refusal(
                fields: "Transfer-Encoding: chunked\r\ntransfer-encoding: identity",
                .badTransferEncoding),
            Refusal(
                "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingInHTTP10),
            Refusal(fields: "Content-Length:", .badContentLength),
            Refusal(fields: "Content-Length: +1", .badContentLength),
            Refusal(fields: "Content-Length: -1", .badContentLength),
            Refusal(fields: "Content-Length: 1, 1", .badContentLength),
            Refusal(fields: "Content-Length: 1,", .badContentLength),
            Refusal(fields: "Content-Length: 0x10", .badContentLength),
            Refusal(fields: "Content-Length: 1a", .badContentLength),
            Refusal(fields: "Content-Length: 1 2", .badContentLength),
            Refusal(fields: "Content-Length: 1.0", .badContentLength),
            Refusal(fields: "Content-Length: ١", .badContentLength),
            Refusal(fields: "Content-Length: 9223372036854775808", .badContentLength),
            Refusal(fields: "Content-Length: 18446744073709551617", .badContentLength),
            Refusal(fields: "Content-Length: 1\r\nContent-Length: 1", .repeatedContentLength),
            Refusal(fields: "Content-Length: 1\r\ncontent-length: 2", .repeatedContentLength),
        ])
    func framing(_ refusal: Refusal) {
        let fault = parse(refusal.message).fault
        #expect(fault == refusal.fault)
        #expect(fault?.status == 400)
    }

    @Test("Framing follows the fields")
    func goodFraming() {
        #expect(parse(fields: "X: 1").framing == .none)
        #expect(parse(fields: "Content-Length: 0").framing == .length(0))
        #expect(parse(fields: "Content-Length: 007").framing == .length(7))
        #expect(
            parse(fields: "Content-Length: 999999999999999999").framing
                == .length(999_999_999_999_999_999))
        #expect(parse(fields: "transfer-encoding: \t CHUNKED ").framing == .chunked)
        let old = parse("POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\n")
        #expect(old.framing == .length(3))
    }

    @Test(
        "A Host that is missing, repeated or malformed is refused",
        arguments: [
            Refusal("GET / HTTP/1.1\r\n\r\n", .missingHost),
            Refusal("GET / HTTP/1.1\r\nX: a\r\n\r\n", .missingHost),
            Refusal("GET http://a/ HTTP/1.1\r\n\r\n", .missingHost),
            Refusal(fields: "Host: a", .repeatedHost),
            Refusal(fields: "hOST: b", .repeatedHost),
            Refusal("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", .repeatedHost),
            Refusal("GET / HTTP/1.1\r\nHost:\r\n\r\n", .badHost),
            Refusal("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .badHost),
            Refusal("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", .badHost),
            Refusal("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", .badHost),
            Refusal("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .badHost),
            Refusal("GET / HTTP/1.1\r\nHost: http://a\r\n\r\n", .badHost),
            Refusal("GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", .badHost),
            Refusal("GET / HTTP/1.1\r\nHost: a:1:2\r\n\r\n", .badHost),
            Refusal("GET / HTTP/1.0\r\nHost: a?b\r\n\r\n", .badHost),
            Refusal("GET http://a/ HTTP/1.1\r\nHost: b c\r\n\r\n", .badHost),
        ])
    func host(_ refusal: Refusal) {
        let fault = parse(refusal.message).fault
        #expect(fault == refusal.fault)
        #expect(fault?.status == 400)
    }

    @Test("The authority of the absolute form wins over Host")
    func absoluteForm() {
        let facts = parse("GET HTTP://a.example:81/p?q HTTP/1.1\r\nHost: b.example\r\n\r\n")
        #expect(facts.authority == "a.example:81")
        #expect(facts.host == "a.example")
        #expect(facts.pathAndQuery == "/p?q")
        #expect(facts.target == "HTTP://a.example:81/p?q")
        let old = parse("GET https://a.example HTTP/1.0\r\n\r\n")
        #expect(old.authority == "a.example")
        #expect(old.path == "/")
    }

    @Test(
        "The connection stays open exactly where both versions' rules say so",
        arguments: [
            ("1.1", "", true), ("1.1", "close", false), ("1.1", "CLOSE", false),
            ("1.1", "keep-alive", true), ("1.1", "keep-alive, close", false),
            ("1.1", "x,close , y", false), ("1.1", "closed", true), ("1.0", "", false),
            ("1.0", "keep-alive", true), ("1.0", "Keep-Alive,close", false), ("1.0", "x", false),
        ])
    func keepAlive(_ version: String, _ value: String, _ isKeepAlive: Bool) {
        let line = value.isEmpty ? "" : "Connection: \(value)\r\n"
        let facts = parse("GET / HTTP/\(version)\r\nHost: a\r\n\(line)\r\n")
        #expect(facts.isKeepAlive == isKeepAlive)
    }

    @Test("The options of several Connection fields add up")
    func severalConnectionFields() {
        let facts = parse(
            fields: "Connection: keep-alive, X-A\r\nX-A: 1\r\nX-B: 2\r\nConnection: close, x-b")
        #expect(!facts.isKeepAlive)
        #expect(facts.hopByHop.contains("X-A: 1"))
        #expect(facts.hopByHop.contains("X-B: 2"))
    }

    /// Each name is looked for among all fields: without a limit, one head of 64 KiB cost a worker
    /// millions of steps.
    @Test("Connection may name as many fields as a message may have", arguments: [4, 5, 6])
    func connectionNames(_ count: Int) {
        let names = (0..<count).map { "x\($0)" }.joined(separator: ",, close,")
        let lines = ["Connection: \(names)", "Connection: x0\r\nConnection: \(names.dropFirst(3))"]
        for line in lines {
            let facts = parse(
                "GET / HTTP/1.1\r\nHost: a\r\n\(line)\r\n\r\n", limits: .init(fieldCount: 5))
            #expect(facts.fault == (count > 5 ? .tooManyFields : nil))
        }
    }

    @Test("Fields for the next hop only are known, whether Connection names them or not")
    func hopByHop() {
        let own = [
            "Connection: x-mine, ,te", "Keep-Alive: 1", "Proxy-Connection: a", "TE: trailers",
            "Upgrade: a", "Proxy-Authenticate: a", "Proxy-Authorization: a",
            "Proxy-Authentication-Info: a", "HTTP2-Settings: a", "X-MINE: 1",
        ]
        let others = ["X-Mine-Too: 1", "Trailer: a", "Date: a", "X-Min: 1"]
        let facts = parse(fields: (own + others).joined(separator: "\r\n"))
        #expect(facts.hopByHop == own)
        #expect(facts.fields == ["Host: a"] + own + others)
        let chunked = parse(fields: "Transfer-Encoding: chunked")
        #expect(chunked.hopByHop == ["Transfer-Encoding: chunked"])
    }

    @Test("Connection removes no field that says where a message goes, ends, or comes from")
    func protected() {
        let names = [
            "Host", "Content-Length", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto",
            "X-Forwarded-Host", "X-Real-IP", "Via", "Early-Data",
        ]
        let values = names.dropFirst().map { "\($0): 1\r\n" }.joined()
        let list = names.joined(separator: ", ").uppercased() + ", Transfer-Encoding"
        let facts = parse(fields: "\(values)Connection: \(list), Cookie\r\nCookie: 1")
        #expect(facts.hopByHop == ["Connection: \(list), Cookie", "Cookie: 1"])
        #expect(facts.framing == .length(1))
        #expect(facts.host == "a")
    }

    /// A backend that puts fields into variables, as CGI and WSGI do, cannot tell the underscore
    /// from the hyphen: it believed the client's `X_Forwarded_For`.
    @Test("A field that underscores disguise as one of ours is not passed on")
    func disguised() {
        let ours = ["X_Forwarded_For: 1", "x-forwarded_PROTO: 1", "X_Real_IP: 1", "Keep_Alive: 1"]
        let framing = ["Content_Length: 5", "Transfer_Encoding: chunked"]
        let others = ["X_Mine: 1", "User_Agent: a", "_: 1", "X_Forwarded_Fo: 1"]
        let facts = parse(fields: (ours + framing + others).joined(separator: "\r\n"))
        #expect(facts.framing == .none)
        #expect(facts.hopByHop == ours + framing)
    }

    /// Some recipients take a number that begins with a zero for octal, and would see the end of
    /// the body elsewhere.
    @Test(
        "A length is passed on without leading zeros",
        arguments: [("007", "7"), ("010", "10"), ("0", "0"), ("00", "0"), ("100", "100")])
    func leadingZeros(_ sent: String, _ passedOn: String) {
        let facts = parse(fields: "Content-Length: \(sent)")
        #expect(facts.fields.last == "Content-Length: \(passedOn)")
    }

    @Test(
        "An upgrade is asked for in Upgrade and Connection together, and never to h2c",
        arguments: [
            ("Connection: upgrade\r\nUpgrade: websocket", "websocket"),
            ("Upgrade: a/1, b\r\nConnection: keep-alive, Upgrade", "a/1, b"),
            ("Connection: upgrade\r\nUpgrade: h2c", ""),
            ("Connection: upgrade\r\nUpgrade: websocket, H2C", ""),
            ("Connection: upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: a", ""),
            ("Connection: upgrade", ""), ("Connection: upgrade\r\nUpgrade:", ""),
            ("Upgrade: websocket", ""), ("Connection: close\r\nUpgrade: websocket", ""),
            ("Connection: upgrade\r\nUpgrade: websocket\r\nUpgrade: websocket", ""),
        ])
    func upgrade(_ fields: String, _ expected: String) {
        let facts = parse(fields: fields)
        #expect(facts.fault == nil)
        #expect(facts.upgrade == expected)
    }

    @Test("HTTP/1.0 knows neither upgrades nor expectations")
    func oldVersion() {
        let facts = parse(
            "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: a\r\nExpect: 100-continue\r\n\r\n")
        #expect(facts.fault == nil)
        #expect(facts.upgrade.isEmpty)
        #expect(!facts.expectsContinue)
    }

    /// Found by fuzzing: passed on in HTTP/1.1, an expectation that meant nothing was meant.
    @Test("An expectation of HTTP/1.0 goes no further (RFC 9110 §10.1.1)")
    func oldExpectation() {
        let facts = parse("GET / HTTP/1.0\r\nHost: a\r\nExpect: x\r\nA: b\r\n\r\n")
        #expect(facts.fault == nil)
        #expect(facts.hopByHop == ["Expect: x"])
    }

    @Test("Only the expectation 100-continue is understood")
    func expectation() {
        #expect(parse(fields: "Expect: 100-Continue").expectsContinue)
        for line in ["Expect: 200-ok", "Expect:", "Expect: 100-continue\r\nExpect: 100-continue"] {
            let facts = parse(fields: line)
            #expect(facts.fault == .badExpectation)
            #expect(facts.fault?.status == 417)
        }
    }

    @Test("The head's size is limited", arguments: [-1, 0, 1])
    func headSize(_ excess: Int) {
        let text = "GET /abc HTTP/1.1\r\nHost: a\r\nX: abcdefgh\r\n\r\n"
        let facts = parse(text, limits: .init(headBytes: text.utf8.count - excess))
        #expect(facts.fault == (excess > 0 ? .headTooLarge : nil))
        #expect(HTTPFault.headTooLarge.status == 431)
    }

    @Test("A request line that fills the head is answered with 414", arguments: [-1, 0, 1])
    func targetSize(_ excess: Int) {
        let line = "GET /abcdefghijklmnopqrstuvw HTTP/1.1\r\n"
        let facts = parse(
            line + "Host: a\r\n\r\n", limits: .init(headBytes: line.utf8.count - excess))
        #expect(facts.fault == (excess > 0 ? .targetTooLong : .headTooLarge))
        #expect(HTTPFault.targetTooLong.status == 414)
    }

    @Test("The empty line before a request does not count", arguments: [-1, 0, 1])
    func headSizeBehindEmptyLine(_ excess: Int) {
        let text = "GET /abc HTTP/1.1\r\nHost: a\r\n\r\n"
        let facts = parse("\r\n" + text, limits: .init(headBytes: text.utf8.count - excess))
        #expect(facts.fault == (excess > 0 ? .headTooLarge : nil))
    }

    /// Fed whole, this was a bare line end; fed byte by byte, it was too large before that line end
    /// came.
    @Test("A line that ends wrongly beyond the limit is too large, however it comes")
    func bareLineEndBeyondLimit() {
        let facts = parse(
            "GET / HTTP/1.1\r\nHost: a\r\nX: abcdefghijklmnop\n", limits: .init(headBytes: 30))
        #expect(facts.fault == .headTooLarge)
    }

    @Test("The number of fields is limited", arguments: [0, 1, 9, 10, 11])
    func fieldCount(_ added: Int) {
        let fields = (0..<added).map { "X\($0): \($0)\r\n" }.joined()
        let facts = parse(
            "GET / HTTP/1.1\r\nHost: a\r\n\(fields)\r\n", limits: .init(fieldCount: 11))
        #expect(facts.fault == (added > 10 ? .tooManyFields : nil))
        #expect(facts.fields.count == (added > 10 ? 0 : added + 1))
        #expect(HTTPFault.tooManyFields.status == 431)
    }
}
