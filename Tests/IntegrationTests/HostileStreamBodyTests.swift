import TestSupport
import Testing

/// Clients of HTTP/2 whose bodies contradict their heads, and whose frames break the rules.
@Suite struct HostileStreamBodyTests {
    private typealias Case = HostileStreamCase

    static let bodies: [HostileStreamCase] = [
        .post(
            "RFC 9113 §8.1.1: more than the length", [("content-length", "3")],
            body: Frame.data(1, "abcd")),
        .post(
            "RFC 9113 §8.1.1: less than the length", [("content-length", "3")],
            body: Frame.data(1, "ab")),
        .post(
            "RFC 9113 §8.1.1: a request behind the length", [("content-length", "3")],
            body: Frame.data(1, "abc", end: false) + Frame.data(1, HostileStreamCase.smuggled)),
        .post(
            "RFC 9113 §8.1.1: a length of 0, and a request", [("content-length", "0")],
            body: Frame.data(1, HostileStreamCase.smuggled)),
        .get("RFC 9113 §8.1.1: a length without body", [("content-length", "3")]),
        .post(
            "RFC 9110 §8.6: two lengths", [("content-length", "3"), ("content-length", "3")],
            body: Frame.data(1, "abc")),
        .post(
            "RFC 9110 §8.6: a list of lengths", [("content-length", "3, 3")],
            body: Frame.data(1, "abc")),
        .post(
            "RFC 9110 §8.6: a length with plus", [("content-length", "+3")],
            body: Frame.data(1, "abc")),
        .post(
            "RFC 9110 §8.6: a length with minus", [("content-length", "-3")],
            body: Frame.data(1, "abc")),
        .post(
            "RFC 9110 §8.6: an empty length", [("content-length", "")], body: Frame.data(1, "abc")),
        .post(
            "RFC 9110 §8.6: a length in hexadecimal", [("content-length", "0x3")],
            body: Frame.data(1, "abc")),
        .post(
            "RFC 9110 §8.6: an overflowing length", [("content-length", "18446744073709551619")],
            body: Frame.data(1, "abc")),
        .post(
            "RFC 9110 §8.6: a length with a line end",
            [("content-length", "3\r\ntransfer-encoding: chunked")], body: Frame.data(1, "abc")),
        .post(
            "RFC 9110 §8.6: leading zeros are taken off", [("content-length", "0003")],
            body: Frame.data(1, "abc"), .passed, hidden: ["0003"],
            shown: [
                "content-length: "
                    + "3\r\n"
            ]),
        .post(
            "RFC 9113 §8.1: a body that would be a request", [("content-length", "45")],
            body: Frame.data(1, "GET /smuggled-9 HTTP/1.1\r\nHost: localhost\r\n\r\n"), .passed),
        .post(
            "RFC 9113 §8.1: a body that would be chunks and a request", [],
            body: Frame.data(1, "0\r\n\r\n" + HostileStreamCase.smuggled), .passed,
            shown: ["transfer-encoding: chunked\r\n"]),
        .post(
            "RFC 9113 §8.1: a last chunk in parts", [],
            body: Frame.data(1, "0\r", end: false)
                + Frame.data(1, "\n\r\n" + HostileStreamCase.smuggled), .passed),
        .post(
            "RFC 9113 §6.1: padding is no body", [("content-length", "2")],
            body: Frame.data(1, "ab", padding: 50), .passed, shown: ["content-length: 2\r\n"]),
        .post(
            "RFC 9113 §8.1: a pseudo-field in trailers", [],
            body: Frame.data(1, "a", end: false) + Frame.headers(1, [(":path", "/smuggled")])),
        .post(
            "RFC 9110 §6.5.1: a length in trailers", [],
            body: Frame.data(1, "a", end: false) + Frame.headers(1, [("content-length", "9")])),
        .post(
            "RFC 9110 §6.5.1: a host in trailers", [],
            body: Frame.data(1, "a", end: false) + Frame.headers(1, [("host", "evil")])),
        .post(
            "RFC 9110 §6.5.1: a forwarding field in trailers", [],
            body: Frame.data(1, "a", end: false)
                + Frame.headers(1, [("x-forwarded-for", "9.9.9.9")])),
        .post(
            "RFC 9113 §8.2.2: transfer-encoding in trailers", [],
            body: Frame.data(1, "a", end: false)
                + Frame.headers(1, [("transfer-encoding", "chunked")])),
        .post(
            "RFC 9113 §8.2.1: a line end in trailers", [],
            body: Frame.data(1, "a", end: false)
                + Frame.headers(1, [("x", "y\r\n\r\n" + HostileStreamCase.smuggled)])),
        .post(
            "RFC 9113 §8.1: trailers that do not end the stream", [],
            body: Frame.data(1, "a", end: false) + Frame.headers(1, [("x", "y")], end: false)),
        .post(
            "RFC 9113 §8.1: trailers pass", [],
            body: Frame.data(1, "a", end: false) + Frame.headers(1, [("x-after", "y")]), .passed,
            shown: ["0\r\nx-after: y\r\n\r\n"]),
        .post(
            "RFC 9113 §8.1.1: trailers before the length is reached", [("content-length", "3")],
            body: Frame.data(1, "a", end: false) + Frame.headers(1, [("x", "y")])),
        .post(
            "RFC 9113 §6.9.1: WINDOW_UPDATE of "
                + "0", [], body: Frame.windowUpdate(1, 0), .goAway([1])),
        .post(
            "RFC 9113 §5.3.1: a stream that depends on itself", [],
            body: Frame.priority(1, on: 1) + Frame.data(1, "a"), .passed),
    ]

    /// Requests that are never whole: connections of the kinds that RFC 9113 names.
    static let frames: [HostileStreamCase] = [
        Case("RFC 9113 §5.1: DATA on an idle stream", Frame.data(1, "a"), .goAway([1, 5])),
        Case("RFC 9113 §5.1: RST_STREAM on an idle stream", Frame.reset(1), .goAway([1])),
        Case(
            "RFC 9113 §5.1: WINDOW_UPDATE on an idle stream", Frame.windowUpdate(1, 1), .goAway([1])
        ),
        Case("RFC 9113 §5.1: CONTINUATION on an idle stream", Frame.continuation(1), .goAway([1])),
        Case("RFC 9113 §5.1.1: an even stream", Frame.headers(2, Case.base("GET")), .goAway([1])),
        Case("RFC 9113 §5.1.1: stream 0", Frame.headers(0, Case.base("GET")), .goAway([1])),
        Case("RFC 9113 §6.1: DATA on stream 0", Frame.data(0, "a"), .goAway([1])),
        Case(
            "RFC 9113 §6.2: HEADERS between HEADERS and CONTINUATION",
            Frame.headers(1, Case.base("GET"), whole: false) + Frame.headers(3, Case.base("GET")),
            .goAway([1])),
        Case(
            "RFC 9113 §6.2: PING between HEADERS and CONTINUATION",
            Frame.headers(1, Case.base("GET"), whole: false) + Frame.ping(), .goAway([1])),
        Case(
            "RFC 9113 §6.10: CONTINUATION on another stream",
            Frame.headers(1, Case.base("GET"), whole: false) + Frame.continuation(3), .goAway([1])),
        Case(
            "RFC 9113 §6.10: CONTINUATION frames without end (CVE-2024-28182)",
            Frame.headers(1, Case.base("GET"), whole: false)
                + (0..<20).flatMap {
                    Frame.continuation(1, Frame.field("x\($0)", "y"), whole: false)
                }, .goAway([11])),
        Case(
            "RFC 9113 §6.10: empty CONTINUATION frames (CVE-2024-27316)",
            Frame.headers(1, Case.base("GET"), whole: false)
                + (0..<20).flatMap { _ in Frame.continuation(1, whole: false) }, .goAway([11])),
        Case(
            "RFC 9113 §4.2: a frame that is too large",
            Frame.bytes(0, stream: 1, [UInt8](repeating: 0, count: 16_385)), .goAway([6])),
        Case(
            "RFC 9113 §4.3: a broken field section", Frame.headers(1, block: [0x80]), .goAway([9])),
        Case(
            "RFC 9113 §4.3: an index beyond the table", Frame.headers(1, block: [0xff, 0x7f]),
            .goAway([9])),
        Case(
            "RFC 7541 §5.1: an integer without end",
            Frame.headers(1, block: [0xff] + [UInt8](repeating: 0xff, count: 20)), .goAway([9])),
        Case(
            "RFC 7541 §4.2: a table that is too large",
            Frame.headers(1, block: [0x3f, 0xff, 0xff, 0x7f]), .goAway([9])),
        Case(
            "RFC 7541 §5.2: a string that ends too late", Frame.headers(1, block: [0, 5, 0x61]),
            .goAway([9])),
        Case(
            "RFC 7541 §5.2: Huffman's EOS",
            Frame.headers(1, block: [0, 0x84, 0xff, 0xff, 0xff, 0xff, 0]), .goAway([9])),
        Case(
            "RFC 9113 §6.5: SETTINGS of seven bytes", Frame.bytes(4, [0, 1, 2, 3, 4, 5, 6]),
            .goAway([6])),
        Case("RFC 9113 §6.5: SETTINGS on a stream", Frame.bytes(4, stream: 1), .goAway([1])),
        Case(
            "RFC 9113 §6.5: SETTINGS ACK with payload",
            Frame.bytes(4, flags: 1, [0, 1, 2, 3, 4, 5]), .goAway([6])),
        Case(
            "RFC 9113 §6.5.2: a window that is too large", Frame.settings([(4, 0x8000_0000)]),
            .goAway([3])),
        Case(
            "RFC 9113 §6.5.2: a frame size that is too small", Frame.settings([(5, 100)]),
            .goAway([1])),
        Case("RFC 9113 §6.5.2: ENABLE_PUSH of 2", Frame.settings([(2, 2)]), .goAway([1])),
        Case(
            "RFC 9113 §6.6: PUSH_PROMISE of a client",
            Frame.bytes(5, flags: 4, stream: 1, [0, 0, 0, 2]), .goAway([1])),
        Case(
            "RFC 9113 §6.7: PING of seven bytes", Frame.bytes(6, [1, 2, 3, 4, 5, 6, 7]),
            .goAway([6])),
        Case(
            "RFC 9113 §6.7: PING on a stream", Frame.bytes(6, stream: 1, [1, 2, 3, 4, 5, 6, 7, 8]),
            .goAway([1])),
        Case(
            "RFC 9113 §6.4: RST_STREAM of three bytes",
            Frame.headers(1, Case.base("POST"), end: false) + Frame.bytes(3, stream: 1, [0, 0, 0]),
            .goAway([6])),
        Case("RFC 9113 §6.4: RST_STREAM on stream 0", Frame.reset(0), .goAway([1])),
        Case(
            "RFC 9113 §6.9: WINDOW_UPDATE of 0 on the connection", Frame.windowUpdate(0, 0),
            .goAway([1])),
        Case(
            "RFC 9113 §6.9.1: the connection's window overflows",
            Frame.windowUpdate(0, 0x7fff_ffff), .goAway([3])),
        Case(
            "RFC 9113 §6.9: WINDOW_UPDATE of three bytes", Frame.bytes(8, [0, 0, 1]), .goAway([6])),
        Case(
            "RFC 9113 §6.1: more padding than payload",
            Frame.headers(1, Case.base("POST"), end: false)
                + Frame.bytes(0, flags: 8, stream: 1, [9, 1]), .goAway([1])),
        Case(
            "RFC 9113 §5.1: another HEADERS without end behind the head",
            Frame.headers(1, Case.base("POST"), end: false)
                + Frame.headers(1, Case.base("GET"), end: false), .reset(1)),
    ]

    @Test("Bodies end where their heads say") func bodiesOfRequests() throws {
        try HostileRun().run(HostileStreamBodyTests.bodies)
    }

    @Test("Frames that break the rules end the connection") func brokenFrames() throws {
        try HostileRun().run(HostileStreamBodyTests.frames)
    }
}
