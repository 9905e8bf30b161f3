import TestSupport
import Testing

/// Clients of HTTP/2 whose requests would be others, or more, behind us in HTTP/1.1.
@Suite struct HostileStreamTests {
    private typealias Case = HostileStreamCase

    static let fields: [HostileStreamCase] =
        [
            ("CR LF", "a\r\nx-smuggled: b"), ("CR", "a\rb"), ("LF", "a\nb"), ("NUL", "a\0b"),
            ("a line end at the end", "a\r\n"), ("an escape", "a\u{1b}b"), ("DEL", "a\u{7f}b"),
            ("a whole request", "a\r\n\r\n" + HostileStreamCase.smuggled),
            ("a space first", " a"), ("a space last", "a "), ("a tab first", "\ta"),
            ("a tab last", "a\t"),
        ].map { HostileStreamCase.get("RFC 9113 §8.2.1: \($0.0) in a value", [("x", $0.1)]) }
        + [
            ("CR LF", "x\r\ny"), ("LF", "x\ny"), ("CR", "x\ry"), ("NUL", "x\0y"),
            ("a space", "x y"),
            ("a colon", "x:y"), ("a colon last", "x:"), ("a space last", "x "), ("a tab", "x\ty"),
            ("an upper-case letter", "X-A"), ("nothing", ""), ("a byte of Latin-1", "x\u{e9}"),
            ("a slash", "x/y"), ("a parenthesis", "x("), ("DEL", "x\u{7f}"),
            ("a field line", "transfer-encoding: chunked\r\nx"),
        ].map { HostileStreamCase.get("RFC 9113 §8.2.1: \($0.0) in a name", [($0.1, "z")]) }
        + [
            ("connection", "close"), ("connection", "x"), ("keep-alive", "5"),
            ("proxy-connection", "close"), ("transfer-encoding", "chunked"),
            ("transfer-encoding", "identity"), ("transfer-encoding", ""), ("upgrade", "websocket"),
            ("upgrade", "h2c"), ("te", "gzip"), ("te", "trailers, gzip"), ("te", "chunked"),
        ].map { HostileStreamCase.get("RFC 9113 §8.2.2: \($0.0): \($0.1)", [$0]) }
        + [
            .get("RFC 9113 §8.2.2: te: trailers is well", [("te", "trailers")], .passed),
            .get(
                "RFC 9113 §8.2.3: crumbs are one cookie",
                [("cookie", "a=1"), ("x", "y"), ("cookie", "b=2")], .passed,
                shown: ["cookie: a=1; b=2\r\n"]),
            .get(
                "RFC 9113 §8.2.3: a crumb with a line end",
                [("cookie", "a=1"), ("cookie", "b=2\r\nx-a: b")]),
            .get(
                "RFC 7239 §8: what a client says of itself is replaced",
                [
                    ("x-forwarded-for", "9.9.9.9"), ("x_forwarded_for", "9.9.9.9"),
                    ("forwarded", "for=9.9.9.9"), ("x-real-ip", "9.9.9.9"),
                    ("client-cert", ":AA==:"),
                ], .passed, hidden: ["9.9.9.9", "x_forwarded_for", "client-cert"],
                shown: ["x-forwarded-for: 127.0.0.1\r\n"]),
            .get(
                "RFC 3875 §4.1.18: disguises do not frame",
                [("transfer_encoding", "chunked"), ("content_length", "9")], .passed,
                hidden: ["transfer_encoding", "content_length"]),
            .get(
                "RFC 9110 §7.6.1: http2-settings goes no further",
                [("http2-settings", "AAMAAABkAAQAAP__")], .passed, hidden: ["http2-settings"]),
            .get("RFC 9110 §10.1.1: another expectation", [("expect", "x")], .answered(417)),
        ]

    static let heads: [HostileStreamCase] = [
        .pseudo("RFC 9113 §8.3.1: no :method", ":method", nil),
        .pseudo("RFC 9113 §8.3.1: no :scheme", ":scheme", nil),
        .pseudo("RFC 9113 §8.3.1: no :path", ":path", nil),
        .pseudo("RFC 9113 §8.3.1: no :authority and no host", ":authority", nil, .answered(400)),
        .pseudo("RFC 9113 §8.3.1: an empty :method", ":method", ""),
        .pseudo("RFC 9113 §8.3.1: an empty :path", ":path", ""),
        .pseudo("RFC 9113 §8.3.1: an empty :authority", ":authority", "", .answered(400)),
        .pseudo("RFC 9113 §8.3.1: an empty :scheme", ":scheme", ""),
        .pseudo("RFC 9110 §9.1: a space in :method", ":method", "GET /smuggled"),
        .pseudo(
            "RFC 9110 §9.1: a request line in :method", ":method", "GET /smuggled HTTP/1.1\r\nX:"),
        .pseudo("RFC 9110 §9.1: LF in :method", ":method", "GET\n"),
        .pseudo("RFC 9110 §9.1: a colon in :method", ":method", "X:Y"),
        .pseudo("RFC 9112 §3.2: a space in :path", ":path", "/ HTTP/1.1"),
        .pseudo(
            "RFC 9112 §3.2: a request in :path", ":path",
            "/ HTTP/1.1\r\nHost: localhost\r\n\r\n" + HostileStreamCase.smuggled),
        .pseudo("RFC 9112 §3.2: LF in :path", ":path", "/a\nb"),
        .pseudo("RFC 9112 §3.2: NUL in :path", ":path", "/a\0b"),
        .pseudo("RFC 9112 §3.2: a tab in :path", ":path", "/a\tb"),
        .pseudo("RFC 9112 §3.2: DEL in :path", ":path", "/a\u{7f}"),
        .pseudo("RFC 9112 §3.2: UTF-8 in :path", ":path", "/\u{c3}\u{a9}"),
        .pseudo("RFC 9110 §7.1: a fragment in :path", ":path", "/a#b"),
        .pseudo("RFC 9113 §8.3.1: no slash", ":path", "smuggled"),
        .pseudo("RFC 9113 §8.3.1: an absolute :path", ":path", "http://evil/smuggled"),
        .pseudo("RFC 9113 §8.3.1: an asterisk with GET", ":path", "*"),
        .pseudo("RFC 9113 §8.3.1: a query alone", ":path", "?smuggled"),
        .pseudo(
            "RFC 9113 §8.3.1: an asterisk with OPTIONS", ":path", "*", .answered(404),
            method: "OPTIONS"),
        .pseudo(
            "RFC 9113 §8.3.1: a request in :authority", ":authority",
            "localhost\r\n\r\n" + HostileStreamCase.smuggled, .answered(400)),
        .pseudo(
            "RFC 9113 §8.3.1: a field in :authority", ":authority", "localhost\r\nX: y",
            .answered(400)),
        .pseudo("RFC 9113 §8.3.1: user information", ":authority", "a@localhost", .answered(400)),
        .pseudo(
            "RFC 9113 §8.3.1: a path in :authority", ":authority", "localhost/x", .answered(400)),
        .pseudo(
            "RFC 9113 §8.3.1: a list in :authority", ":authority", "localhost, other",
            .answered(400)),
        .pseudo(
            "RFC 9113 §8.3.1: a space in :authority", ":authority", "local host", .answered(400)),
        .pseudo("RFC 9113 §8.3.1: a bad port", ":authority", "localhost:99999", .answered(400)),
        .pseudo(
            "RFC 9113 §8.3.1: a bracket that is not closed", ":authority", "[::1", .answered(400)),
        .pseudo("RFC 9113 §8.3.1: another scheme", ":scheme", "ftp"),
        .pseudo("RFC 9113 §8.3.1: a target in :scheme", ":scheme", "https://localhost/smuggled?"),
        .pseudo("RFC 9113 §8.3.1: a line end in :scheme", ":scheme", "https\r\nX: y"),
        .pseudo("RFC 9113 §8.5: CONNECT with :scheme and :path", ":method", "CONNECT"),
        .head(
            "RFC 9113 §8.5: CONNECT", [(":method", "CONNECT"), (":authority", "localhost:443")],
            .answered(501)),
        .head(
            "RFC 8441 §4: :protocol without CONNECT",
            Case.base("GET") + [(":protocol", "websocket")]),
        .head("RFC 8441 §4: an empty :protocol", Case.base("CONNECT") + [(":protocol", "")]),
        .head(
            "RFC 8441 §4: a line end in :protocol",
            Case.base("CONNECT") + [(":protocol", "websocket\r\nX: y")]),
        .head(
            "RFC 9220 §3: h2c by :protocol", Case.base("CONNECT") + [(":protocol", "h2c")],
            .answered(501)),
        .head(
            "RFC 9220 §3: an unknown :protocol", Case.base("CONNECT") + [(":protocol", "x")],
            .answered(501)),
        .head("RFC 9113 §8.3: a pseudo-field twice", Case.base("GET") + [(":path", "/smuggled")]),
        .head("RFC 9113 §8.3: :method twice", [(":method", "POST")] + Case.base("GET")),
        .head("RFC 9113 §8.3: :authority twice", Case.base("GET") + [(":authority", "other")]),
        .head("RFC 9113 §8.3: an unknown pseudo-field", Case.base("GET") + [(":x", "y")]),
        .head(
            "RFC 9113 §8.3: a pseudo-field of responses", Case.base("GET") + [(":status", "200")]),
        .head("RFC 9113 §8.3: a pseudo-field behind others", [("x", "y")] + Case.base("GET")),
        .head(
            "RFC 9113 §8.3: one of them behind others",
            Array(Case.base("GET").dropLast()) + [("x", "y"), (":path", "/smuggled")]),
        .head(
            "RFC 9113 §8.3: a pseudo-field in upper case",
            Case.base("GET").map { ($0.0 == ":path" ? ":PATH" : $0.0, $0.1) }),
        .head("RFC 9113 §8.3: a colon alone", Case.base("GET") + [(":", "y")]),
        .get("RFC 9113 §8.3.1: host against :authority", [("host", "other")]),
        .get("RFC 9113 §8.3.1: host with another port", [("host", "localhost:1")]),
        .get("RFC 9112 §3.2: host twice", [("host", "localhost"), ("host", "localhost")]),
        .get("RFC 9112 §3.2: an empty host", [("host", "")]),
        .get(
            "RFC 9113 §8.3.1: host that agrees", [("host", "localhost")], .passed,
            shown: ["host: localhost\r\n"]),
        .head(
            "RFC 9113 §8.3.1: host alone",
            Case.base("GET").filter { $0.0 != ":authority" } + [("host", "localhost")], .passed,
            shown: ["host: localhost\r\n"]),
        .head(
            "RFC 9112 §3.2: a malformed host alone",
            Case.base("GET").filter { $0.0 != ":authority" } + [("host", "a b")], .answered(400)),
        .get("RFC 6585 §5: too many fields", (0..<101).map { ("x\($0)", "y") }, .answered(431)),
        .get(
            "RFC 6585 §5: too many crumbs", (0..<101).map { ("cookie", "a\($0)=b") }, .answered(431)
        ),
        HostileStreamCase(
            "RFC 6585 §5: a list that is too large",
            Frame.headers(1, Case.base("GET"), whole: false)
                + (0..<5).flatMap { number in
                    Frame.continuation(
                        1, Frame.field("x\(number)", String(repeating: "y", count: 15_000)),
                        whole: number == 4)
                }, .answered(431)),
        HostileStreamCase(
            "RFC 9113 §10.5.1: a list of four times that",
            Frame.headers(1, Case.base("GET"), whole: false)
                + Frame.continuation(
                    1,
                    Frame.field("x", String(repeating: "y", count: 4_000), first: 0x40)
                        + [UInt8](repeating: 0xbe, count: 100)), .goAway([11])),
        .get(
            "RFC 9113 §10.5.1: a list that is long",
            (0..<5).map { ("x\($0)", String(repeating: "y", count: 2_500)) }, .passed),
    ]

    @Test("A field is a field of the request, and nothing else") func fieldsOfRequests() throws {
        try HostileRun().run(HostileStreamTests.fields)
    }

    @Test("Pseudo-fields make one request line, or none") func pseudoFields() throws {
        try HostileRun().run(HostileStreamTests.heads)
    }
}
