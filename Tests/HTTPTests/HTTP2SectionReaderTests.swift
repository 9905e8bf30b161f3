import Testing

@testable import HTTP

/// The rules of RFC 9113 §8 for what fields say, and of RFC 7541 for how.
struct HTTP2SectionReaderTests {
    private static func with(_ fields: (String, String)...) -> [UInt8] {
        Wire.headers(1, Wire.get + fields)
    }

    private static func without(_ name: String, _ fields: (String, String)...) -> [UInt8] {
        Wire.headers(1, Wire.get.filter { $0.0 != name } + fields)
    }

    private static func posted(_ fields: (String, String)...) -> [UInt8] {
        Wire.headers(1, Wire.post + fields, end: false)
    }

    private static func setting(_ name: String, _ value: String) -> [UInt8] {
        Wire.headers(1, Wire.get.map { $0.0 == name ? (name, value) : $0 })
    }

    @Test("Malformed requests are stream errors", arguments: malformedCases)
    func malformed(_ conformance: Conformance) throws { try conformance.check() }

    @Test("Well-formed requests are accepted", arguments: wellFormedCases)
    func wellFormed(_ conformance: Conformance) throws { try conformance.check() }

    @Test("Bodies have the length that was promised", arguments: lengthCases)
    func lengths(_ conformance: Conformance) throws { try conformance.check() }

    @Test("HPACK is checked as RFC 7541 says", arguments: hpackCases)
    func hpack(_ conformance: Conformance) throws { try conformance.check() }

    private static let malformedCases: [Conformance] = [
        .init(
            "§8.1: HEADERS without END_STREAM behind the body", posted(), Wire.data(1, [1]),
            Wire.headers(1, [("x", "1")], end: false), to: .stream(.protocolError)),
        .init("§8.2.1: upper case", with(("X-Test", "ok")), to: .stream(.protocolError)),
        .init("§8.2.1: no name", with(("", "x")), to: .stream(.protocolError)),
        .init("§8.2.1: space in a name", with(("x y", "x")), to: .stream(.protocolError)),
        .init("§8.2.1: a colon in a name", with(("x:y", "x")), to: .stream(.protocolError)),
        .init("§8.2.1: a line end in a name", with(("x\r\ny", "x")), to: .stream(.protocolError)),
        .init("§8.2.1: NUL in a name", with(("x\0", "x")), to: .stream(.protocolError)),
        .init(
            "§8.2.1: a byte beyond ASCII in a name", with(("ü", "x")),
            to: .stream(.protocolError)),
        .init("§8.2.1: CR in a value", with(("x", "a\rb")), to: .stream(.protocolError)),
        .init("§8.2.1: LF in a value", with(("x", "a\nb")), to: .stream(.protocolError)),
        .init(
            "§8.2.1: CR and LF in a value", with(("x", "a\r\nhost: b")),
            to: .stream(.protocolError)),
        .init("§8.2.1: NUL in a value", with(("x", "a\0b")), to: .stream(.protocolError)),
        .init("§8.2.1: DEL in a value", with(("x", "a\u{7f}b")), to: .stream(.protocolError)),
        .init("§8.2.1: space before a value", with(("x", " a")), to: .stream(.protocolError)),
        .init("§8.2.1: space behind a value", with(("x", "a ")), to: .stream(.protocolError)),
        .init("§8.2.1: a tab before a value", with(("x", "\ta")), to: .stream(.protocolError)),
        .init("§8.2.1: a tab behind a value", with(("x", "a\t")), to: .stream(.protocolError)),
        .init("§8.2.1: CR in a cookie", with(("cookie", "a\r")), to: .stream(.protocolError)),
        .init(
            "§8.2.2: connection", with(("connection", "keep-alive")),
            to: .stream(.protocolError)),
        .init("§8.2.2: keep-alive", with(("keep-alive", "1")), to: .stream(.protocolError)),
        .init(
            "§8.2.2: proxy-connection", with(("proxy-connection", "a")),
            to: .stream(.protocolError)),
        .init(
            "§8.2.2: transfer-encoding", posted(("transfer-encoding", "chunked")),
            to: .stream(.protocolError)),
        .init("§8.2.2: upgrade", with(("upgrade", "h2c")), to: .stream(.protocolError)),
        .init("§8.2.2: TE", with(("te", "trailers, deflate")), to: .stream(.protocolError)),
        .init("§8.2.2: no TE", with(("te", "")), to: .stream(.protocolError)),
        .init("§8.3: an unknown pseudo-field", with((":test", "ok")), to: .stream(.protocolError)),
        .init("§8.3: an empty pseudo-field", with((":", "ok")), to: .stream(.protocolError)),
        .init(
            "§8.3: upper case in a pseudo-field", without(":path", (":Path", "/")),
            to: .stream(.protocolError)),
        .init(
            "§8.3: a pseudo-field of responses", with((":status", "200")),
            to: .stream(.protocolError)),
        .init(
            "§8.3: a pseudo-field behind a field", without(":path", ("x", "1"), (":path", "/")),
            to: .stream(.protocolError)),
        .init(
            "§8.3: a pseudo-field in trailers", posted(), Wire.headers(1, [(":method", "GET")]),
            to: .stream(.protocolError)),
        .init("§8.3: no fields", Wire.headers(1, []), to: .stream(.protocolError)),
        .init("§8.3.1: no :method", without(":method"), to: .stream(.protocolError)),
        .init("§8.3.1: no :scheme", without(":scheme"), to: .stream(.protocolError)),
        .init("§8.3.1: no :path", without(":path"), to: .stream(.protocolError)),
        .init("§8.3.1: :method twice", with((":method", "GET")), to: .stream(.protocolError)),
        .init("§8.3.1: :scheme twice", with((":scheme", "https")), to: .stream(.protocolError)),
        .init("§8.3.1: :path twice", with((":path", "/")), to: .stream(.protocolError)),
        .init("§8.3.1: :authority twice", with((":authority", "a")), to: .stream(.protocolError)),
        .init("§8.3.1: an empty :path", setting(":path", ""), to: .stream(.protocolError)),
        .init(
            "§8.3.1: a :path in absolute form", setting(":path", "https://a/"),
            to: .stream(.protocolError)),
        .init(
            "§8.3.1: a :path without a slash", setting(":path", "a"),
            to: .stream(.protocolError)),
        .init("§8.3.1: a star without OPTIONS", setting(":path", "*"), to: .stream(.protocolError)),
        .init(
            "§8.3.1: space in :path", setting(":path", "/ HTTP/1.1"),
            to: .stream(.protocolError)),
        .init("§8.3.1: CR in :path", setting(":path", "/\r"), to: .stream(.protocolError)),
        .init("§8.3.1: LF in :path", setting(":path", "/\nx"), to: .stream(.protocolError)),
        .init("§8.3.1: NUL in :path", setting(":path", "/\0"), to: .stream(.protocolError)),
        .init("§8.3.1: a fragment in :path", setting(":path", "/#a"), to: .stream(.protocolError)),
        .init(
            "§8.3.1: a byte beyond ASCII in :path", setting(":path", "/ü"),
            to: .stream(.protocolError)),
        .init("§8.3.1: an empty :method", setting(":method", ""), to: .stream(.protocolError)),
        .init(
            "§8.3.1: space in :method", setting(":method", "GET /a"),
            to: .stream(.protocolError)),
        .init("§8.3.1: LF in :method", setting(":method", "GET\n"), to: .stream(.protocolError)),
        .init("§8.3.1: an unknown :scheme", setting(":scheme", "ftp"), to: .stream(.protocolError)),
        .init("§8.3.1: LF in :scheme", setting(":scheme", "https\n"), to: .stream(.protocolError)),
        .init(
            "§8.3.1: Host twice", with(("host", "a"), ("host", "a")),
            to: .stream(.protocolError)),
        .init("§8.3.1: Host that disagrees", with(("host", "b")), to: .stream(.protocolError)),
        .init(
            "§8.5: CONNECT with :path",
            Wire.headers(
                1,
                [
                    (":method", "CONNECT"), (":path", "/"), (":authority", "a"),
                ]),
            to: .stream(.protocolError)),
        .init(
            "RFC 8441 §4: :protocol without CONNECT", without("x", (":protocol", "websocket")),
            to: .stream(.protocolError)),
        .init(
            "RFC 8441 §4: :protocol that is no token",
            Wire.headers(1, tunnel.map { $0.0 == ":protocol" ? ($0.0, "a b") : $0 }, end: false),
            to: .stream(.protocolError)),
        .init(
            "RFC 8441 §4: :protocol without :path",
            Wire.headers(1, tunnel.filter { $0.0 != ":path" }, end: false),
            to: .stream(.protocolError)),
        .init(
            "RFC 8441 §4: a tunnel with Content-Length",
            Wire.headers(1, tunnel + [("content-length", "1")], end: false),
            to: .stream(.protocolError)),
        .init(
            "RFC 9110 §6.5.1: a trailer that frames", posted(),
            Wire.headers(1, [("content-length", "1")]), to: .stream(.protocolError)),
        .init(
            "RFC 9110 §6.5.1: a trailer that routes", posted(), Wire.headers(1, [("host", "b")]),
            to: .stream(.protocolError)),
        .init(
            "RFC 9110 §6.5.1: a trailer of the connection", posted(),
            Wire.headers(1, [("connection", "x")]), to: .stream(.protocolError)),
        .init(
            "§8.2.1: LF in a trailer", posted(), Wire.headers(1, [("x", "a\nb")]),
            to: .stream(.protocolError)),
    ]

    private static let tunnel = [
        (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":path", "/"),
        (":authority", "a"),
    ]

    private static let wellFormedCases: [Conformance] = [
        .init("§8.1: GET", with(), to: .accepted),
        .init("§8.1: HEAD", setting(":method", "HEAD"), to: .accepted),
        .init(
            "§8.1: OPTIONS for the server",
            Wire.headers(
                1,
                [
                    (":method", "OPTIONS"), (":scheme", "https"), (":path", "*"),
                    (":authority", "a"),
                ]), to: .accepted),
        .init(
            "§8.1: POST", posted(), Wire.data(1, [1]), Wire.data(1, [2], end: true),
            to: .accepted),
        .init(
            "§8.1: POST with trailers", posted(), Wire.data(1, [1]),
            Wire.headers(1, [("x", "1"), ("y", "")]), to: .accepted),
        .init(
            "§8.1: trailers without a body", posted(), Wire.headers(1, [("x", "1")]),
            to: .accepted),
        .init("§8.1: an empty trailer section", posted(), Wire.headers(1, []), to: .accepted),
        .init("§8.1: END_STREAM on empty DATA", posted(), Wire.data(1, end: true), to: .accepted),
        .init("§8.1: two requests", with(), Wire.headers(3), to: .accepted),
        .init("§8.2.1: an empty value", with(("x", "")), to: .accepted),
        .init("§8.2.1: a tab within a value", with(("x", "a\tb")), to: .accepted),
        .init("§8.2.1: bytes beyond ASCII in a value", with(("x", "ü")), to: .accepted),
        .init("§8.2.2: TE", with(("te", "trailers")), to: .accepted),
        .init(
            "§8.2.3: a cookie in parts",
            with(
                ("cookie", "a=b"), ("x", "1"), ("cookie", "c=d"),
                ("cookie", "e=f")), to: .accepted),
        .init("§8.3.1: Host that agrees", with(("host", "A")), to: .accepted),
        .init("§8.3.1: Host alone", without(":authority", ("host", "a")), to: .accepted),
        .init("§8.3.1: an unknown method", setting(":method", "BREW"), to: .accepted),
        .init("§8.3.1: the scheme http", setting(":scheme", "http"), to: .accepted),
        .init(
            "§8.5: CONNECT is answered",
            Wire.headers(
                1,
                [
                    (":method", "CONNECT"), (":authority", "a:443"),
                ]), to: .accepted),
        .init("§8.3.1: no authority is answered", without(":authority"), to: .accepted),
        .init("§8.3.1: a bad authority is answered", setting(":authority", "a@b"), to: .accepted),
        .init("§8.3.1: an empty authority is answered", setting(":authority", ""), to: .accepted),
        .init(
            "RFC 8441 §4: a tunnel", Wire.headers(1, tunnel, end: false), Wire.data(1, [1]),
            to: .accepted),
        .init(
            "RFC 9110 §10.1.1: an expectation", posted(("expect", "100-continue")),
            to: .accepted),
        .init(
            "RFC 9110 §10.1.1: an unknown expectation is answered", with(("expect", "x")),
            to: .accepted),
    ]

    private static let lengthCases: [Conformance] = [
        .init(
            "§8.1.1: as promised", posted(("content-length", "3")), Wire.data(1, [1]),
            Wire.data(1, [2, 3], end: true), to: .accepted),
        .init(
            "§8.1.1: as promised, with padding", posted(("content-length", "3")),
            Wire.data(1, [1, 2, 3], end: true, padding: 5), to: .accepted),
        .init(
            "§8.1.1: as promised, then trailers", posted(("content-length", "1")),
            Wire.data(1, [1]), Wire.headers(1, [("x", "1")]), to: .accepted),
        .init("§8.1.1: nothing, as promised", with(("content-length", "0")), to: .accepted),
        .init(
            "§8.1.1: more than promised", posted(("content-length", "1")),
            Wire.data(1, [1, 2], end: true), to: .stream(.protocolError)),
        .init(
            "§8.1.1: more than promised, in parts", posted(("content-length", "1")),
            Wire.data(1, [1]), Wire.data(1, [2]), to: .stream(.protocolError)),
        .init(
            "§8.1.1: less than promised", posted(("content-length", "3")),
            Wire.data(1, [1, 2], end: true), to: .stream(.protocolError)),
        .init(
            "§8.1.1: less than promised, then trailers", posted(("content-length", "3")),
            Wire.data(1, [1, 2]), Wire.headers(1, [("x", "1")]), to: .stream(.protocolError)),
        .init(
            "§8.1.1: nothing where something was promised", with(("content-length", "1")),
            to: .stream(.protocolError)),
        .init(
            "RFC 9110 §8.6: a length that is no number", posted(("content-length", "1a")),
            to: .stream(.protocolError)),
        .init(
            "RFC 9110 §8.6: a signed length", posted(("content-length", "+1")),
            to: .stream(.protocolError)),
        .init(
            "RFC 9110 §8.6: no length", posted(("content-length", "")),
            to: .stream(.protocolError)),
        .init(
            "RFC 9110 §8.6: a length twice",
            posted(("content-length", "1"), ("content-length", "1")), to: .stream(.protocolError)),
        .init(
            "RFC 9110 §8.6: a length too long",
            posted(("content-length", "9999999999999999999")), to: .stream(.protocolError)),
    ]

    private static let base = Wire.block(Wire.get)

    private static let hpackCases: [Conformance] = [
        .init(
            "RFC 7541 §6.1: indexed fields",
            Wire.headers(
                1, raw: [0x82, 0x87, 0x84, 0x01, 1, 97]), to: .accepted),
        .init(
            "RFC 7541 §6.2.1: with indexing, used again",
            Wire.headers(
                1, raw: [0x82, 0x87, 0x84, 0x41, 1, 97] + Wire.field([120], [49], first: 0x40)),
            Wire.headers(3, raw: [0x82, 0x87, 0x84, 0xbf, 0xbe]), to: .accepted),
        .init(
            "RFC 7541 §6.2.3: never indexed",
            Wire.headers(
                1, raw: base + Wire.field([120], [49], first: 0x10)), to: .accepted),
        .init(
            "RFC 7541 §5.2: Huffman",
            Wire.headers(
                1,
                raw: [0x82, 0x87, 0x84, 0x41, 0x8c] + [
                    0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff,
                ]), to: .accepted),
        .init(
            "RFC 7541 §6.3: a smaller table", Wire.headers(1, raw: [0x3f, 0x01] + base),
            to: .accepted),
        .init(
            "RFC 7541 §4.2: two sizes", Wire.headers(1, raw: [0x20, 0x3f, 0xe1, 0x1f] + base),
            to: .accepted),
        .init(
            "RFC 7541 §2.3.3: an index beyond the tables", Wire.headers(1, raw: base + [0xc6]),
            to: .connection(.compressionError)),
        .init(
            "RFC 7541 §2.3.3: a name's index beyond the tables",
            Wire.headers(1, raw: base + [0x7f, 0x07, 1, 97]), to: .connection(.compressionError)),
        .init(
            "RFC 7541 §6.1: index 0", Wire.headers(1, raw: base + [0x80]),
            to: .connection(.compressionError)),
        .init(
            "RFC 7541 §4.2: a size behind a field", Wire.headers(1, raw: base + [0x20]),
            to: .connection(.compressionError)),
        .init(
            "RFC 7541 §6.3: a size beyond the setting",
            Wire.headers(1, raw: [0x3f, 0xe2, 0x1f] + base), to: .connection(.compressionError)),
        .init(
            "RFC 7541 §5.2: padding of more than 7 bits",
            Wire.headers(
                1, raw: base + [0, 0x81, 0x1f, 0x82, 0x1f, 0xff]),
            to: .connection(.compressionError)),
        .init(
            "RFC 7541 §5.2: padding with zeros",
            Wire.headers(
                1, raw: base + [0, 0x81, 0x18, 1, 97]), to: .connection(.compressionError)),
        .init(
            "RFC 7541 §5.2: the end of string",
            Wire.headers(
                1, raw: base + [0, 0x85, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 97]),
            to: .connection(.compressionError)),
        .init(
            "RFC 7541 §5.1: an endless integer",
            Wire.headers(
                1, raw: base + [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]),
            to: .connection(.compressionError)),
        .init(
            "RFC 7541 §5.2: a string longer than the section",
            Wire.headers(
                1, raw: base + [0, 1, 120, 0x7f, 0x80, 0x01]), to: .connection(.compressionError)),
    ]
}
