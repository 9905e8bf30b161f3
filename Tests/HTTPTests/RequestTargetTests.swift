import Bytes
import Testing

@testable import HTTP

struct RequestTargetTests {
    private func read(_ target: String, _ method: HTTP.Method = .get) -> (RequestFacts, HTTPFault?)
    {
        let bytes = Array(target.utf8)
        var head = RequestHead()
        head.method = method
        let fault = RequestTarget.read(bytes.span, into: &head)
        return (RequestFacts(.complete(consumed: 0), head), fault)
    }

    @Test(
        "Each form has its path, with and without the query",
        arguments: [
            ("/", "/", "/"), ("/a?b?c", "/a?b?c", "/a"), ("/?", "/?", "/"),
            ("//a//b", "//a//b", "//a//b"),
            ("/a/../b;c=%2F@:!$&'()*+,", "/a/../b;c=%2F@:!$&'()*+,", "/a/../b;c=%2F@:!$&'()*+,"),
            ("/a:80/http://b/", "/a:80/http://b/", "/a:80/http://b/"),
            ("http://h", "/", "/"), ("http://h/", "/", "/"), ("http://h?q", "/?q", "/"),
            ("http://h?q/r", "/?q/r", "/"), ("https://h/a?b", "/a?b", "/a"),
            ("HTTPS://h", "/", "/"),
        ])
    func paths(_ target: String, _ pathAndQuery: String, _ path: String) {
        let (facts, fault) = read(target)
        #expect(fault == nil)
        #expect(facts.target == target)
        #expect(facts.pathAndQuery == pathAndQuery)
        #expect(facts.path == path)
    }

    @Test(
        "The absolute form has an authority, and the host is the authority without the port",
        arguments: [
            ("http://shop.example:81/a", "shop.example:81", "shop.example"),
            ("https://[::1]:1?q", "[::1]:1", "[::1]"), ("http://h", "h", "h"),
            ("/http://h", "", ""),
        ])
    func authority(_ target: String, _ authority: String, _ host: String) {
        let (facts, fault) = read(target)
        #expect(fault == nil)
        #expect(facts.authority == authority)
        #expect(facts.host == host)
    }

    @Test("OPTIONS for the whole server is * in both forms, and only OPTIONS may ask for it")
    func asterisk() {
        for target in ["*", "http://h", "https://h:1"] {
            let (facts, fault) = read(target, .options)
            #expect(fault == nil)
            #expect(facts.pathAndQuery == "*")
            #expect(facts.path == "*")
        }
        #expect(read("http://h/", .options).0.path == "/")
        #expect(read("http://h?q", .options).0.pathAndQuery == "/?q")
        #expect(read("*", .get).1 == .badTarget)
        #expect(read("*a", .options).1 == .badTarget)
    }

    @Test(
        "A malformed target is refused",
        arguments: [
            ("a", .badTarget), ("a/b", .badTarget), ("?q", .badTarget), ("h:80", .badTarget),
            ("/a#b", .badTarget), ("/#", .badTarget), ("http://h/#", .badTarget),
            ("/a\tb", .badTarget),
            ("/a\0", .badTarget), ("/a\u{7f}", .badTarget), ("/é", .badTarget),
            ("/a\r", .badTarget),
            ("/\u{1}", .badTarget), ("ftp://h/", .badTarget), ("http:/h/", .badTarget),
            ("http:h", .badTarget), ("http://", .badTarget), ("https://", .badTarget),
            ("://h/", .badTarget), ("http:///", .badHost), ("http://?q", .badHost),
            ("http://u@h/", .badHost), ("http://u:p@h/", .badHost), ("http://h:99999/", .badHost),
            ("http://:80/", .badHost), ("http://h\\a/", .badHost), ("http://[::1/", .badHost),
            ("http://h%00/", .badHost),
        ] as [(String, HTTPFault)])
    func malformed(_ target: String, _ expected: HTTPFault) {
        #expect(read(target).1 == expected)
    }

    @Test("CONNECT is not offered, whatever its target")
    func connect() {
        for target in ["h:443", "/", "*", "http://h/"] {
            #expect(read(target, .connect).1 == .connectRefused)
        }
    }
}
