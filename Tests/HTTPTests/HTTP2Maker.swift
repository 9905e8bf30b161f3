import TestSupport

@testable import HTTP

/// Makes what clients send on connections, much of it with something wrong, always the same from
/// the same seed.
struct HTTP2Maker {
    private var generator: SeededGenerator
    /// How seldom something is wrong.
    private var rarity = 40

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// What is sent behind the preface, in parts that are judged one by one: a frame, or a field
    /// section with all its frames.
    mutating func connection() -> [[UInt8]] {
        rarity = Bool.random(using: &generator) ? 40 : 200
        var waiting = (0..<UInt32.random(in: 1...4, using: &generator)).map { request(1 + 2 * $0) }
        var open: [[[UInt8]]] = []
        var parts = [Wire.preface + Wire.settings(settings())]
        while !waiting.isEmpty || !open.isEmpty {
            if open.isEmpty || !waiting.isEmpty && Int.random(in: 0..<3, using: &generator) == 0 {
                open.append(waiting.removeFirst())
            }
            let index = Int.random(in: 0..<open.count, using: &generator)
            parts.append(open[index].removeFirst())
            if open[index].isEmpty { open.remove(at: index) }
            if Int.random(in: 0..<8, using: &generator) == 0 { parts.append(control()) }
        }
        damage(&parts)
        return parts
    }

    /// Behind the head of a frame, whose length says where the next one begins.
    private mutating func damage(_ parts: inout [[UInt8]]) {
        guard Int.random(in: 0..<10, using: &generator) == 0 else { return }
        let part = Int.random(in: 1..<parts.count, using: &generator)
        guard parts[part].count > 9 else { return }
        let place = Int.random(in: 9..<parts[part].count, using: &generator)
        parts[part][place] = UInt8.random(in: 0...255, using: &generator)
    }

    /// A head, payload and perhaps trailers.
    private mutating func request(_ stream: UInt32) -> [[UInt8]] {
        let hasBody = Bool.random(using: &generator)
        let payload = hasBody ? Int.random(in: 0...3, using: &generator) : 0
        let fields = head(payload: payload * 3)
        let hasTrailers = hasBody && Int.random(in: 0..<3, using: &generator) == 0
        var parts = [section(stream, fields, ends: !hasBody)]
        for index in 0..<payload {
            let ends = index == payload - 1 && !hasTrailers && !isOdd()
            let padding = Int.random(in: 0..<4, using: &generator) == 0 ? UInt8(5) : nil
            parts.append(Wire.data(stream, Array("abc".utf8), end: ends, padding: padding))
        }
        if hasTrailers {
            parts.append(section(stream, trailers(), ends: !isOdd()))
        } else if hasBody, payload == 0 {
            parts.append(Wire.data(stream, end: true))
        }
        if isOdd() { parts.append(late(stream)) }
        return parts
    }

    private mutating func head(payload: Int) -> [(String, String)] {
        let method = pick(
            ["GET", "POST", "PUT", "x-y"], odd: ["", "G T", "CONNECT", "GE\u{e4}T", "G\nT"])
        let path = pick(["/", "/a?b=c", "/%41/..", "//a"], odd: HTTP2Maker.paths)
        let authority = pick(["a", "b.example:80", "[::1]"], odd: HTTP2Maker.authorities)
        var fields = [
            (pick([":method"], odd: [":Method", ":status", "method"]), method),
            (":scheme", pick(["https", "http"], odd: ["", "ftp", "HTTPS", "https:"])),
            (pick([":path"], odd: [":pat", ":", "x"]), path),
            (pick([":authority", ":authority", "host"], odd: ["x"]), authority),
        ]
        if method == "CONNECT", Bool.random(using: &generator) {
            fields.append((":protocol", "websocket"))
        }
        if isOdd() { fields.append(("host", pick([authority], odd: ["c"]))) }
        if isOdd() { fields.append((":protocol", "x")) }
        for _ in 0..<Int.random(in: 0...3, using: &generator) { fields.append(field()) }
        if Int.random(in: 0..<3, using: &generator) == 0 {
            let length = pick(
                ["\(payload)", "0\(payload)"], odd: ["\(payload + 1)", "1", "", "-1", "+3", "3,3"])
            fields.append(("content-length", length))
        }
        if isOdd(), let extra = fields.randomElement(using: &generator) { fields.append(extra) }
        if isOdd() { fields.remove(at: Int.random(in: 0..<fields.count, using: &generator)) }
        if isOdd() { fields.shuffle(using: &generator) }
        return fields
    }

    private mutating func trailers() -> [(String, String)] {
        let usual = [("t", "1"), ("grpc-status", "0"), ("x-empty", "")]
        let odd = [(":path", "/"), (":x", ""), ("host", "a"), ("content-length", "3"), ("T", "1")]
        return (0..<Int.random(in: 1...2, using: &generator)).map { _ in
            (isOdd() ? odd : usual).randomElement(using: &generator) ?? ("", "")
        }
    }

    private mutating func field() -> (String, String) {
        let usual = [
            ("x", "1"), ("accept", "*/*"), ("x-empty", ""), ("te", "trailers"), ("x_y", "\u{e4}"),
            ("cookie", "a=b"), ("cookie", "c"), ("cookie", ""), ("expect", "100-continue"),
        ]
        return (isOdd() ? HTTP2Maker.oddFields : usual).randomElement(using: &generator) ?? ("", "")
    }

    /// HEADERS, perhaps with padding and priority, perhaps with CONTINUATION.
    private mutating func section(
        _ stream: UInt32, _ fields: [(String, String)], ends: Bool
    ) -> [UInt8] {
        var block: [UInt8] = []
        for (name, value) in fields {
            // Literals with and without indexing, and those that are never indexed.
            let first: [UInt8] = [0x00, 0x40, 0x10]
            block += Wire.field(
                Array(name.utf8), Array(value.utf8),
                first: first.randomElement(using: &generator) ?? 0)
        }
        if isOdd() {
            block +=
                [[0x82], [0x80], [0xbe], [0xff, 0xff], [0x3f]].randomElement(using: &generator)
                ?? []
        }
        let flags: UInt8 = ends ? 1 : 0
        let cut = Int.random(in: 0...block.count, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0:
            return Wire.frame(1, flags: flags, stream: stream, Array(block[..<cut]))
                + Wire.continuation(stream, Array(block[cut...]))
        case 1:
            let padded = [UInt8(4)] + block + [0, 0, 0, 0]
            return Wire.headers(stream, raw: padded, flags: flags | 0x0c)
        case 2:
            let other: UInt32 = isOdd() ? stream : 0
            return Wire.headers(stream, raw: Wire.number(other) + [15] + block, flags: flags | 0x24)
        default: return Wire.headers(stream, raw: block, flags: flags | 4)
        }
    }

    private mutating func settings() -> [(UInt16, UInt32)] {
        let usual: [(UInt16, UInt32)] = [(1, 0), (2, 0), (3, 10), (4, 70_000), (5, 20_000), (6, 9)]
        let odd: [(UInt16, UInt32)] = [
            (2, 2), (4, 0x8000_0000), (5, 1), (5, 0x100_0000), (99, 1), (8, 1),
        ]
        guard Bool.random(using: &generator) else { return [] }
        return [(isOdd() ? odd : usual).randomElement(using: &generator) ?? (1, 0)]
    }

    private mutating func control() -> [UInt8] {
        let usual = [
            Wire.ping(), Wire.windowUpdate(0, 10), Wire.settings(settings()), Wire.priority(1),
            Wire.frame(0xfe, [1]), Wire.priority(9), Wire.windowUpdate(1, 7),
        ]
        let odd = [
            Wire.ping([1]), Wire.windowUpdate(0, 0), Wire.windowUpdate(0, 0x7fff_ffff),
            Wire.priority(0), Wire.frame(2, stream: 1, [1]), Wire.goAway(), Wire.reset(0),
            Wire.frame(4, [1]), Wire.frame(4, stream: 1), Wire.frame(4, flags: 1, [1]),
            Wire.data(0, [1]), Wire.data(2, [1]), Wire.headers(2), Wire.headers(0),
            Wire.continuation(1, []), Wire.windowUpdate(21, 1), Wire.reset(21),
            Wire.frame(5, flags: 4, stream: 1, Wire.number(2)), Wire.frame(3, stream: 1, [1]),
            Wire.frame(0, flags: 8, stream: 1, [9, 1]), Wire.ping(ack: true), Wire.settingsAck,
            Wire.goAway(0, 0, stream: 1),
        ]
        return (isOdd() ? odd : usual).randomElement(using: &generator) ?? []
    }

    /// What comes behind the end of a stream.
    private mutating func late(_ stream: UInt32) -> [UInt8] {
        [
            Wire.reset(stream), Wire.reset(stream, 99), Wire.data(stream, [65]),
            Wire.headers(stream), Wire.windowUpdate(stream, 1), Wire.windowUpdate(stream, 0),
        ].randomElement(using: &generator) ?? []
    }

    private mutating func isOdd() -> Bool { Int.random(in: 0..<rarity, using: &generator) == 0 }

    private mutating func pick(_ usual: [String], odd: [String]) -> String {
        (isOdd() ? odd : usual).randomElement(using: &generator) ?? ""
    }

    private static let paths = [
        "*", "a", "/a#b", "/a b", "/\u{e4}", "http://b/", "", "/a\0", "/\r",
    ]
    private static let authorities = ["", "u@a", "a b", "a:99999", "a\r\nx: y", "[::", "a/b"]
    private static let oddFields = [
        ("", "a"), ("X", "1"), ("x y", "1"), ("x:", "1"), ("x\n", "1"), ("\u{e4}", "1"),
        ("x", "a\0"), ("x", "a\r\nb: c"), ("x", "a\nb"), ("x", " a"), ("x", "a\t"), ("x", "\u{7f}"),
        ("x", "\u{1}"), ("connection", "close"), ("keep-alive", "1"), ("upgrade", "a"),
        ("transfer-encoding", "chunked"), ("proxy-connection", "a"), ("te", "gzip"),
        ("te", "Trailers"), ("expect", "x"), ("host", "c"), ("content-length", "3"),
        (":path", "/x"), (":x", "y"), ("x", "a\u{b}"), ("x\t", "1"), (" x", "1"),
        ("http2-settings", "a"), ("x", "\u{b}"),
    ]
}
