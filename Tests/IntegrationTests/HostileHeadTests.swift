import Testing

/// Clients of HTTP/1.1 that disguise where a request goes, who sent it, or where its head ends.
@Suite struct HostileHeadTests {
    static let lines: [HostileCase] = [
        .line("RFC 9112 §2.3: HTTP/0.9", "GET /case-@@"),
        .line("RFC 9112 §2.3: HTTP/2.0", "GET /case-@@ HTTP/2.0", .refused(505)),
        .line("RFC 9112 §2.3: HTTP/0.9 by name", "GET /case-@@ HTTP/0.9", .refused(505)),
        .line("RFC 9112 §2.3: HTTP/1.2", "GET /case-@@ HTTP/1.2", .refused(505)),
        .line("RFC 9112 §2.3: a version in lower case", "GET /case-@@ http/1.1"),
        .line("RFC 9112 §2.3: HTTP/1.10", "GET /case-@@ HTTP/1.10"),
        .line("RFC 9112 §2.3: HTTP/01.1", "GET /case-@@ HTTP/01.1"),
        .line("RFC 9112 §2.3: HTTP 1.1", "GET /case-@@ HTTP 1.1"),
        .line("RFC 9112 §2.3: a version with a sign", "GET /case-@@ HTTP/+1.1"),
        .line("RFC 9112 §3: a tab for a space", "GET\t/case-@@ HTTP/1.1"),
        .line("RFC 9112 §3: a tab before the version", "GET /case-@@\tHTTP/1.1"),
        .line("RFC 9112 §3: two spaces before the target", "GET  /case-@@ HTTP/1.1"),
        .line("RFC 9112 §3: two spaces before the version", "GET /case-@@  HTTP/1.1"),
        .line("RFC 9112 §3: a space behind the version", "GET /case-@@ HTTP/1.1 "),
        .line("RFC 9112 §3: a tab behind the version", "GET /case-@@ HTTP/1.1\t"),
        .line("RFC 9112 §3: a space before the method", " GET /case-@@ HTTP/1.1"),
        .line("RFC 9112 §3: a vertical tab for a space", "GET\u{b}/case-@@ HTTP/1.1"),
        .line(
            "RFC 9112 §3: two requests in one line",
            "GET /case-@@ HTTP/1.1 GET /smuggled-@@ HTTP/1.1"),
        .line(
            "RFC 9112 §2.2: a bare CR in the line",
            "GET /case-@@ HTTP/1.1\rGET /smuggled-@@ HTTP/1.1"),
        .line("RFC 9112 §2.2: CR CR LF behind the line", "GET /case-@@ HTTP/1.1\r"),
        .line("RFC 9110 §9.1: a colon in the method", "GE:T /case-@@ HTTP/1.1"),
        .line("RFC 9110 §9.1: a byte of Latin-1 in the method", "G\u{c9}T /case-@@ HTTP/1.1"),
        .line("RFC 9110 §9.1: NUL in the method", "G\0T /case-@@ HTTP/1.1"),
        .line("RFC 9112 §3.2: no slash", "GET case-@@ HTTP/1.1"),
        .line("RFC 9112 §3.2: a backslash first", "GET \\case-@@ HTTP/1.1"),
        .line("RFC 9110 §7.1: a fragment", "GET /case-@@#a HTTP/1.1"),
        .line("RFC 9112 §3.2: NUL in the target", "GET /case-@@\0 HTTP/1.1"),
        .line("RFC 9112 §3.2: DEL in the target", "GET /case-@@\u{7f} HTTP/1.1"),
        .line("RFC 9112 §3.2: UTF-8 in the target", "GET /case-@@\u{c3}\u{a9} HTTP/1.1"),
        .line("RFC 9112 §3.2: the highest byte in the target", "GET /case-@@\u{ff} HTTP/1.1"),
        .line("RFC 9112 §3.2: an escape in the target", "GET /case-@@\u{1b}[2J HTTP/1.1"),
        .line("RFC 9112 §3.2.3: the authority form", "GET localhost:80 HTTP/1.1"),
        .line("RFC 9112 §3.2.4: the asterisk with GET", "GET * HTTP/1.1"),
        .line("RFC 9112 §3.2.4: more than an asterisk", "OPTIONS ** HTTP/1.1"),
        .line("RFC 9112 §3.2.2: another scheme", "GET ftp://localhost/case-@@ HTTP/1.1"),
        .line("RFC 9112 §3.2.2: a scheme without authority", "GET https:///case-@@ HTTP/1.1"),
        .line("RFC 9110 §4.2.4: user information", "GET https://a@localhost/case-@@ HTTP/1.1"),
        .line("RFC 9110 §4.2.4: a password", "GET https://a:b@localhost/case-@@ HTTP/1.1"),
        .line("RFC 9112 §3.2.2: a port that is none", "GET https://localhost:x/case-@@ HTTP/1.1"),
        .line(
            "RFC 9112 §3.2.2: a backslash in the authority",
            "GET https://localhost\\@evil/case-@@ HTTP/1.1"),
        .line("RFC 9110 §9.3.6: CONNECT", "CONNECT localhost:443 HTTP/1.1", .refused(501)),
        .line("RFC 9110 §9.3.6: CONNECT with a path", "CONNECT /case-@@ HTTP/1.1", .refused(501)),
        HostileCase(
            "RFC 9112 §2.2: two empty lines before",
            "\r\n\r\nGET /case-@@ HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        HostileCase(
            "RFC 9112 §2.2: an empty line of LF before",
            "\nGET /case-@@ HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        HostileCase(
            "RFC 9112 §2.2: one empty line before is forgiven",
            "\r\nGET /case-@@ HTTP/1.1\r\nHost: localhost\r\n\r\n", .passed(1)),
        HostileCase(
            "RFC 9113 §3.4: the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            .refused(505)),
        HostileCase(
            "RFC 9112 §3.2.2: the absolute form wins over Host",
            "GET https://localhost/case-@@ HTTP/1.1\r\nHost: other.test\r\n\r\n", .passed(1),
            hidden: ["other.test"], shown: ["host: localhost\r\n"]),
        HostileCase(
            "RFC 3986 §2.1: line ends in percent-encoding stay so",
            "GET /case-@@%0d%0aX:%20y HTTP/1.1\r\nHost: localhost\r\n\r\n", .passed(1),
            hidden: ["\r\nx: y"], shown: ["%0d%0ax:%20y"]),
        HostileCase(
            "RFC 9110 §9.1: methods are as they are written",
            "get /case-@@ HTTP/1.1\r\nHost: localhost\r\n\r\n", .passed(1)),
    ]

    /// A GET whose fields are these.
    private static func host(
        _ name: String, _ fields: String, _ outcome: HostileCase.Outcome = .refused(400),
        shown: [String] = []
    ) -> HostileCase {
        HostileCase(
            name, "GET /case-@@ HTTP/1.1\r\n\(fields)\r\n\r\n" + HostileCase.smuggled, outcome,
            shown: shown)
    }

    static let hosts: [HostileCase] = [
        host("RFC 9112 §3.2: no Host", "X: y"),
        host("RFC 9112 §3.2: Host twice", "Host: localhost\r\nHost: localhost"),
        host("RFC 9112 §3.2: Host twice in other case", "Host: localhost\r\nhOST: other"),
        host("RFC 9112 §3.2: a list", "Host: localhost, other"),
        host("RFC 9112 §3.2: an empty Host", "Host:"),
        host("RFC 9112 §3.2: a path", "Host: localhost/smuggled"),
        host("RFC 9112 §3.2: a query", "Host: localhost?a"),
        host("RFC 9112 §3.2: a fragment", "Host: localhost#a"),
        host("RFC 9110 §4.2.4: user information", "Host: a@localhost"),
        host("RFC 9112 §3.2: a scheme", "Host: https://localhost"),
        host("RFC 9112 §3.2: a port of letters", "Host: localhost:http"),
        host("RFC 9112 §3.2: a port that is too high", "Host: localhost:65536"),
        host("RFC 9112 §3.2: a port with a sign", "Host: localhost:+80"),
        host("RFC 9112 §3.2: two ports", "Host: localhost:80:80"),
        host("RFC 9112 §3.2: a port alone", "Host: :80"),
        host("RFC 9112 §3.2: a space in it", "Host: local host"),
        host("RFC 9112 §3.2: a tab in it", "Host: local\thost"),
        host("RFC 9112 §3.2: NUL in it", "Host: localhost\0"),
        host("RFC 9112 §3.2: a percent sign", "Host: localhost%00"),
        host("RFC 9112 §3.2: UTF-8", "Host: l\u{c3}\u{b6}calhost"),
        host("RFC 9112 §3.2: a backslash", "Host: localhost\\evil"),
        host("RFC 9112 §3.2: a quote", "Host: \"localhost\""),
        host("RFC 9112 §3.2: a semicolon", "Host: localhost;evil"),
        host("RFC 3986 §3.2.2: an address without brackets", "Host: ::1"),
        host("RFC 3986 §3.2.2: a bracket that is not closed", "Host: [::1"),
        host("RFC 3986 §3.2.2: something behind the bracket", "Host: [::1]x"),
        host("RFC 3986 §3.2.2: a name in brackets", "Host: [localhost]"),
        host("RFC 3986 §3.2.2: a zone", "Host: [fe80::1%25eth0]"),
        host("RFC 3986 §3.2.2: too many groups", "Host: [1:2:3:4:5:6:7:8:9]"),
        host("RFC 3986 §3.2.2: two gaps", "Host: [1::2::3]"),
        host("RFC 9112 §5.1: space before the colon", "Host : localhost"),
        host("RFC 9112 §5.2: a folded Host", "Host:\r\n localhost"),
        host("RFC 9112 §3.2: Host and one behind LF", "Host: localhost\nHost: other"),
    ]

    static let fields: [HostileCase] = [
        .get("RFC 9112 §5.1: an empty name", ": y"),
        .get("RFC 9112 §5: no colon", "nonsense"),
        .get("RFC 9112 §5.1: a space in a name", "X Y: z"),
        .get("RFC 9112 §5.1: quotes in a name", "\"X\": z"),
        .get("RFC 9110 §5.5: NUL", "X: \0"),
        .get("RFC 9110 §5.5: a backspace", "X: \u{8}"),
        .get("RFC 9110 §5.5: DEL", "X: \u{7f}"),
        .get("RFC 9112 §2.2: CR at the end of a value", "X: y\r"),
        .get("RFC 9112 §2.2: LF CR for a line end", "X: y\n\rY: z"),
        .get("RFC 9112 §5.2: a line of one space", "X: y\r\n "),
        .get("RFC 9112 §5.2: a line of one tab", "X: y\r\n\t"),
        .get(
            "RFC 6585 §5: a field that is too large", "X: " + String(repeating: "y", count: 66_000),
            .refused(431)),
        .get(
            "RFC 6585 §5: too many fields",
            (0..<110).map { "X-\($0): y" }.joined(separator: "\r\n"), .refused(431)),
        .get("RFC 9110 §10.1.1: another expectation", "Expect: 200-ok", .refused(417)),
        .get(
            "RFC 9110 §10.1.1: two expectations", "Expect: 100-continue\r\nExpect: x", .refused(417)
        ),
        .get(
            "RFC 9110 §7.6.1: Connection names Host", "Connection: Host", .passed(1),
            shown: ["host: localhost\r\n"]),
        .post(
            "RFC 9110 §7.6.1: Connection names Content-Length",
            "Content-Length: 2\r\nConnection: Content-Length", body: "ab", .passed(1),
            shown: ["content-length: 2\r\n"]),
        .post(
            "RFC 9110 §7.6.1: Connection names Transfer-Encoding",
            "Transfer-Encoding: chunked\r\nConnection: Transfer-Encoding", body: "0\r\n\r\n",
            .passed(1), shown: ["transfer-encoding: chunked\r\n"]),
        .get(
            "RFC 9110 §7.6.1: Connection names a forwarding field",
            "Connection: X-Forwarded-For\r\nX-Forwarded-For: 9.9.9.9", .passed(1),
            hidden: ["9.9.9.9"], shown: ["x-forwarded-for: 127.0.0.1\r\n"]),
        .get(
            "RFC 9110 §7.6.1: Connection names Cookie", "Connection: Cookie\r\nCookie: a=b",
            .passed(1), hidden: ["a=b"]),
        .get(
            "RFC 9110 §7.6.1: Connection names a field of the path",
            "Connection: close, X-A\r\nX-A: hop\r\nX-B: end", .passed(1), hidden: ["x-a", "hop"],
            shown: ["x-b: end\r\n"]),
        .get(
            "RFC 9110 §7.6.1: fields of one hop stay there",
            "Keep-Alive: 5\r\nProxy-Connection: close\r\nTE: gzip\r\nProxy-Authorization: x",
            .passed(1), hidden: ["keep-alive", "proxy-connection", "gzip"]),
        .get(
            "RFC 7239 §8: what a client says of itself is replaced",
            "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: http\r\n"
                + "X-Forwarded-Host: other.test\r\nForwarded: for=9.9.9.9\r\n"
                + "X-Real-IP: 9.9.9.9\r\nClient-Cert: :AA==:",
            .passed(1), hidden: ["9.9.9.9", "other.test", "proto: http\r\n", "client-cert"],
            shown: ["x-forwarded-proto: https\r\n"]),
        .get(
            "RFC 3875 §4.1.18: and in disguise, too",
            "X_Forwarded_For: 9.9.9.9\r\nX_Forwarded-Proto: http\r\nX_Real_IP: 9.9.9.9\r\n"
                + "Client_Cert: x\r\nHost_: a",
            .passed(1), hidden: ["9.9.9.9", "x_", "client_cert"]),
        .get(
            "RFC 9113 §3.1: h2c is not offered",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAAQAAP__",
            .passed(1), hidden: ["upgrade", "http2-settings", "h2c"]),
        .get(
            "RFC 9113 §3.1: nor among others",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: websocket, h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAAQAAP__",
            .passed(1), hidden: ["h2c", "http2-settings"]),
        .get(
            "RFC 9110 §7.8: Upgrade without Connection", "Upgrade: websocket", .passed(1),
            hidden: ["upgrade", "websocket"]),
        .post(
            "RFC 9110 §7.8: Upgrade with a body opens no tunnel",
            "Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 45",
            body: "GET /smuggled-9 HTTP/1.1\r\nHost: localhost\r\n\r\n", .passed(1)),
        HostileCase(
            "RFC 9110 §7.8: an upgrade that is not taken, and the next request",
            "GET /case-@@ HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                + "Upgrade: websocket\r\n\r\nGET /case-@@ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            .passed(2)),
        HostileCase(
            "RFC 9112 §9.3.2: two requests at once",
            "GET /case-@@ HTTP/1.1\r\nHost: localhost\r\n\r\nGET /case-@@ HTTP/1.1\r\n"
                + "Host: localhost\r\n\r\n",
            .passed(2)),
        HostileCase(
            "RFC 9112 §9.3.2: the second is bad",
            "GET /case-@@ HTTP/1.1\r\nHost: localhost\r\n\r\nGET /case-@@  HTTP/1.1\r\n\r\n"
                + HostileCase.smuggled, .passedThenRefused(1, 400)),
        HostileCase(
            "RFC 9112 §9.6: nothing behind close",
            "GET /case-@@ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                + HostileCase.smuggled, .passed(1)),
        HostileCase(
            "RFC 9112 §9.6: nor behind close in another case among others",
            "GET /case-@@ HTTP/1.1\r\nHost: localhost\r\nConnection: x, ClOsE\r\n\r\n"
                + HostileCase.smuggled, .passed(1)),
        HostileCase(
            "RFC 9112 §9.3: nor behind HTTP/1.0",
            "GET /case-@@ HTTP/1.0\r\nHost: localhost\r\n\r\n" + HostileCase.smuggled, .passed(1)),
        HostileCase(
            "RFC 9110 §9.3.8: TRACE", "TRACE /case-@@ HTTP/1.1\r\nHost: localhost\r\n\r\n",
            .passed(1)),
        HostileCase(
            "RFC 9110 §9.3.1: GET with a body that is a request",
            "GET /case-@@ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 45\r\n\r\n"
                + "GET /smuggled-9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            .passed(1)),
        HostileCase(
            "RFC 9110 §9.3.2: HEAD with a body that is a request",
            "HEAD /case-@@ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 45\r\n\r\n"
                + "GET /smuggled-9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
            .passed(1)),
    ]

    @Test("Request lines have one reading or none") func requestLines() throws {
        try HostileRun().run(HostileHeadTests.lines)
    }

    @Test("Host is one well-formed host") func hostFields() throws {
        try HostileRun().run(HostileHeadTests.hosts)
    }

    @Test("Fields say nothing that is not theirs to say") func otherFields() throws {
        try HostileRun().run(HostileHeadTests.fields)
    }
}
