import Bytes
import Testing

@testable import HTTP

struct RequestPolicyTests {
    /// What the policy says of a request with these lines behind `method path HTTP/1.1`, and the
    /// fields that are passed on.
    private func apply(
        _ line: String, _ fields: String = "", change: (inout RequestPolicy) -> Void = { _ in }
    ) throws -> (fault: HTTPFault?, fields: [String]) {
        let bytes = Array("\(line) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n".utf8)
        var parser = RequestParser(limits: .init())
        var head = RequestHead()
        let outcome = parser.parse(bytes.span, into: &head)
        try #require(outcome == .complete(consumed: bytes.count))
        var policy = RequestPolicy()
        change(&policy)
        let fault = policy.apply(to: &head)
        let (all, dropped) = lines(of: head.fields)
        return (fault, all.filter { !dropped.contains($0) })
    }

    @Test(
        "Segments of dots are found in every spelling (RFC 3986 §5.2.4)",
        arguments: [
            "/.", "/..", "/./", "/../", "/a/../b", "/a/./b", "/a/..", "/%2e", "/%2E%2e/", "/.%2e",
            "/%2e./b", "/a/..%2fb", "/a%2f..%2Fb", "/a%5c..", "/..\\b", "/a\\..\\b", "/..;/b",
            "/..;a=b/c", "/a/.;x", "/..%3b/b", "//..", "http://a/../b", "/..?q",
        ])
    func dotSegments(_ target: String) throws {
        #expect(try apply("GET \(target)").fault == .dotSegment)
        #expect(try apply("GET \(target)") { $0.passesDotSegments = true }.fault == nil)
    }

    @Test(
        "Other paths are passed, and the query is not looked at",
        arguments: [
            "/", "//", "/a", "/...", "/a.", "/.a", "/..a", "/a..", "/.../", "/a;..", "/a;../b",
            "/.well-known/x", "/%252e%252e/", "/?a=/../b", "/?%2e%2e/", "/a?..", "/a?%zz%00\\",
            "http://a", "http://a?..", "/%c3%a4", "/-./.-",
        ])
    func otherPaths(_ target: String) throws {
        #expect(try apply("GET \(target)").fault == nil)
    }

    @Test("The asterisk is no path")
    func asterisk() throws {
        #expect(try apply("OPTIONS *").fault == nil)
    }

    @Test(
        "A malformed percent-encoding, and NUL, are refused (RFC 3986 §2.1)",
        arguments: ["/%", "/%2", "/%zz", "/a%2gb", "/%%41", "/%00", "/a%00.png"])
    func percent(_ target: String) throws {
        let fault = try apply("GET \(target)") { $0.passesDotSegments = true }.fault
        #expect(fault == .badTarget)
    }

    @Test(
        "Encoded slashes and backslashes are refused where the policy says so",
        arguments: ["/a%2fb", "/%2F", "/a%5Cb", "/%5c", "/a\\b"])
    func encodedSlashes(_ target: String) throws {
        #expect(try apply("GET \(target)").fault == nil)
        let refuses: (inout RequestPolicy) -> Void = { $0.passesEncodedSlashes = false }
        #expect(try apply("GET \(target)", change: refuses).fault == .encodedSlash)
        #expect(try apply("GET /?\(target)", change: refuses).fault == nil)
        #expect(try apply("GET /%252f", change: refuses).fault == nil)
    }

    @Test("Fields with underscores are passed, dropped or refused")
    func underscores() throws {
        let fields = "X_A: 1\r\nB: 2\r\nX_Forwarded_For: 3\r\nContent_Length: 4\r\n"
        let passed = try apply("GET /", fields)
        #expect(passed.fault == nil)
        #expect(passed.fields == ["Host: a", "X_A: 1", "B: 2"])
        let dropped = try apply("GET /", fields) { $0.underscoreFields = .drop }
        #expect(dropped.fault == nil)
        #expect(dropped.fields == ["Host: a", "B: 2"])
        let refused = try apply("GET /", fields) { $0.underscoreFields = .reject }
        #expect(refused.fault == .underscoreField)
        let plain = try apply("GET /", "B: a_b\r\n") { $0.underscoreFields = .reject }
        #expect(plain.fault == nil)
    }

    @Test("A block that is used again forgets its underscores")
    func reuse() {
        var block = FieldBlock()
        let line = Array("a_b: c".utf8)
        let fault = block.appendLine(line.span)
        #expect(fault == nil)
        let before = block.hasUnderscore
        block.removeAll()
        let after = block.hasUnderscore
        #expect(before)
        #expect(!after)
    }

    @Test("Trailers follow the same rule")
    func trailers() {
        var policy = RequestPolicy()
        var block = FieldBlock()
        let line = Array("a_b: c".utf8)
        let malformed = block.appendLine(line.span)
        #expect(malformed == nil)
        for (rule, expected, isDropped) in [
            (.pass, nil, false), (.drop, nil, true), (.reject, .underscoreField, true),
        ] as [(RequestPolicy.UnderscoreRule, HTTPFault?, Bool)] {
            policy.underscoreFields = rule
            let fault = policy.apply(to: &block)
            #expect(fault == expected)
            let isHopByHop = block.isHopByHop(0)
            #expect(isHopByHop == isDropped)
        }
    }

    @Test(
        "Bodies of methods that give them no meaning are refused where the policy says so",
        arguments: ["GET", "HEAD", "DELETE", "OPTIONS"],
        ["Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n"])
    func bodies(_ method: String, _ field: String) throws {
        #expect(try apply("\(method) /", field).fault == nil)
        let refuses: (inout RequestPolicy) -> Void = { $0.passesGetBodies = false }
        #expect(try apply("\(method) /", field, change: refuses).fault == .unexpectedBody)
        #expect(try apply("\(method) /", "Content-Length: 0\r\n", change: refuses).fault == nil)
        #expect(try apply("\(method) /", change: refuses).fault == nil)
        for other in ["POST", "PUT", "PATCH", "PROPFIND"] {
            #expect(try apply("\(other) /", field, change: refuses).fault == nil)
        }
    }

    @Test("The body of a TRACE is refused always (RFC 9110 §9.3.8)")
    func trace() throws {
        #expect(try apply("TRACE /").fault == nil)
        #expect(try apply("TRACE /", "Content-Length: 0\r\n").fault == nil)
        #expect(try apply("TRACE /", "Content-Length: 1\r\n").fault == .unexpectedBody)
        #expect(try apply("TRACE /", "Transfer-Encoding: chunked\r\n").fault == .unexpectedBody)
    }
}
