import Testing

@testable import HTTP

/// What the head of a request says in a word each.
struct RequestFormTests {
    /// A request, and what its form is.
    struct Row: CustomTestStringConvertible, Sendable {
        let message: String
        let form: RequestForm

        init(
            _ message: String, _ method: HTTP.Method, _ version: HTTPVersion = .http11,
            _ framing: BodyFraming = .none, isKeepAlive: Bool = true, expectsContinue: Bool = false
        ) {
            self.message = message
            form = RequestForm(
                method: method, version: version, framing: framing, isKeepAlive: isKeepAlive,
                expectsContinue: expectsContinue, hasTunnelProtocol: false)
        }

        var testDescription: String { message.debugDescription }
    }

    private static let rows: [Row] = [
        Row("GET / HTTP/1.1\r\nHost: a\r\n\r\n", .get),
        Row("HEAD / HTTP/1.0\r\n\r\n", .head, .http10, isKeepAlive: false),
        Row(
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", .get, .http10, isKeepAlive: true),
        Row(
            "DELETE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", .delete,
            isKeepAlive: false),
        Row(
            "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
            .put, .http11, .length(5), expectsContinue: true),
        Row(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", .post, .http11,
            .chunked),
        Row("get / HTTP/1.1\r\nHost: a\r\n\r\n", .other),
    ]

    @Test("The form says what the head says", arguments: rows)
    func parsed(_ row: Row) {
        var parser = RequestParser(limits: MessageLimits())
        var head = RequestHead()
        let outcome = parser.parse(row.message.utf8.span, into: &head)
        #expect(outcome == .complete(consumed: row.message.utf8.count))
        #expect("\(head.form)" == "\(row.form)")
    }

    @Test("An empty head has the form of none, and so has one that was forgotten")
    func none() {
        var head = RequestHead()
        let empty = "\(head.form)"
        #expect(empty == "\(RequestForm.none)")
        head.method = .get
        head.version = .http2
        head.framing = .chunked
        head.isKeepAlive = true
        head.expectsContinue = true
        head.hasTunnelProtocol = true
        let form = head.form
        #expect(form.method == .get && form.version == .http2 && form.framing == .chunked)
        #expect(form.isKeepAlive && form.expectsContinue && form.hasTunnelProtocol)
        head.reset()
        let forgotten = "\(head.form)"
        #expect(forgotten == "\(RequestForm.none)")
    }
}
