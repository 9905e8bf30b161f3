import Bytes
import Testing

@testable import HTTP

struct RequestHeadRulesTests {
    private func parse(_ target: String) -> RequestHead {
        var parser = RequestParser(limits: MessageLimits())
        var head = RequestHead()
        _ = parser.parse(
            Array("GET \(target) HTTP/1.1\r\nHost: a.example\r\n\r\n".utf8).span, into: &head)
        return head
    }

    private func queue(_ text: String) -> ByteQueue {
        var queue = ByteQueue()
        queue.append(text)
        return queue
    }

    @Test(
        "Another path keeps the query, and what the client has said",
        arguments: [
            ("/a?b=c", "/x", "/x?b=c", "?b=c"), ("/a", "/x", "/x", ""), ("/a?", "/x", "/x?", "?"),
            ("http://a.example?q", "/x", "/x?q", "?q"),
        ])
    func path(target: String, path: String, forwarded: String, query: String) {
        var head = parse(target)
        let fault = head.forward(path: queue(path))
        #expect(fault == nil)
        #expect(String(copying: head.forwardedTarget) == forwarded)
        #expect(String(copying: head.query) == query)
        #expect(String(copying: head.target) == target)
    }

    @Test(
        "What is no path is refused, and changes nothing",
        arguments: ["", "x", "/a b", "/a\r\nX: y", "/a\u{0}", "/a#b", "/a?b", "/ä", "*"])
    func refused(_ path: String) {
        var head = parse("/a?b")
        let fault = head.forward(path: queue(path))
        #expect(fault == .badTarget)
        #expect(String(copying: head.forwardedTarget) == "/a?b")
    }

    @Test("Another authority is for the backend alone")
    func authority() {
        var head = parse("/a")
        #expect(String(copying: head.forwardedAuthority) == "a.example")
        head.forward(authority: Array("b:1".utf8))
        #expect(String(copying: head.forwardedAuthority) == "b:1")
        #expect(String(copying: head.authority) == "a.example")
        head.reset()
        #expect(String(copying: head.forwardedAuthority) == "")
    }
}
