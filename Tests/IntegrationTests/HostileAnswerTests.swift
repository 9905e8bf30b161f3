import TestSupport
import Testing

/// Backends that break the rules: their clients see that something is wrong, and other clients see
/// nothing.
@Suite struct HostileAnswerTests {
    private typealias Answer = HostileAnswer
    private static let evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
    private static let empty = "Content-Length: 0\r\n\r\n"

    static let heads: [HostileAnswer] = [
        Answer("RFC 9112 §4: no response", "", .closes),
        Answer("RFC 9112 §4: a reset in place of a response", "", .resets),
        Answer("RFC 9112 §4: no answer ever", "", .stays, .timedOut),
        Answer("RFC 9112 §4: half a head", "HTTP/1.1 200 OK\r\nX: ", .stays, .timedOut),
        Answer("RFC 9112 §4: not HTTP", "SSH-2.0-OpenSSH\r\n"),
        Answer("RFC 9112 §4: HTTP/0.9", "<html>hello</html>", .closes),
        Answer("RFC 9112 §4: no status", "HTTP/1.1\r\n\r\n"),
        Answer("RFC 9112 §4: a status of two digits", "HTTP/1.1 20 OK\r\n" + empty),
        Answer("RFC 9112 §4: a status of four digits", "HTTP/1.1 2000 OK\r\n" + empty),
        Answer("RFC 9112 §4: a status of letters", "HTTP/1.1 2OO OK\r\n" + empty),
        Answer("RFC 9112 §4: a status with a sign", "HTTP/1.1 +20 OK\r\n" + empty),
        Answer("RFC 9110 §15: status 099", "HTTP/1.1 099 No\r\n" + empty),
        Answer("RFC 9110 §15: status 600", "HTTP/1.1 600 No\r\n" + empty),
        Answer("RFC 9112 §4: two spaces", "HTTP/1.1  200 OK\r\n" + empty),
        Answer("RFC 9112 §4: a tab", "HTTP/1.1\t200 OK\r\n" + empty),
        Answer("RFC 9112 §2.3: HTTP/2.0", "HTTP/2.0 200 OK\r\n" + empty),
        Answer("RFC 9112 §2.3: a version in lower case", "http/1.1 200 OK\r\n" + empty),
        Answer("RFC 9112 §2.2: an empty line before", "\r\nHTTP/1.1 200 OK\r\n" + empty),
        Answer("RFC 9112 §2.2: LF for line ends", "HTTP/1.1 200 OK\nContent-Length: 0\n\n"),
        Answer("RFC 9112 §4: a bare CR in the reason", "HTTP/1.1 200 O\rK\r\n" + empty),
        Answer("RFC 9112 §4: NUL in the reason", "HTTP/1.1 200 O\0K\r\n" + empty),
        .fields("RFC 9112 §5.2: a folded field", "X: y\r\n z\r\nContent-Length: 0"),
        .fields("RFC 9110 §5.5: NUL in a value", "X: \0\r\nContent-Length: 0"),
        .fields("RFC 9110 §5.5: a bare LF in a value", "X: a\nSet-Cookie: b\r\nContent-Length: 0"),
        .fields("RFC 9110 §5.5: a bare CR in a value", "X: a\rSet-Cookie: b\r\nContent-Length: 0"),
        .fields("RFC 9112 §5.1: space before the colon", "Content-Length : 4", body: "evil"),
        .fields("RFC 9112 §5.1: an empty name", ": y\r\nContent-Length: 0"),
        .fields("RFC 9112 §5.1: no colon", "nonsense\r\nContent-Length: 0"),
        .fields(
            "RFC 9110 §5.4: a head that is too large", "X: " + String(repeating: "y", count: 70_000)
        ),
        .fields(
            "RFC 9110 §5.4: too many fields",
            (0..<210).map { "X-\($0): y" }.joined(separator: "\r\n")),
    ]

    static let framing: [HostileAnswer] = [
        .fields(
            "RFC 9112 §6.3: a length beside chunked",
            "Content-Length: 4\r\nTransfer-Encoding: chunked", body: "0\r\n\r\n" + evil),
        .fields(
            "RFC 9112 §6.3: chunked beside a length",
            "Transfer-Encoding: chunked\r\nContent-Length: 4", body: "0\r\n\r\n" + evil),
        .fields(
            "RFC 9112 §6.3: two lengths", "Content-Length: 2\r\nContent-Length: 4", body: "evil"),
        .fields("RFC 9112 §6.3: a list of lengths", "Content-Length: 4, 4", body: "evil"),
        .fields("RFC 9110 §8.6: a negative length", "Content-Length: -1"),
        .fields("RFC 9110 §8.6: a length with plus", "Content-Length: +4", body: "evil"),
        .fields("RFC 9110 §8.6: an empty length", "Content-Length:"),
        .fields("RFC 9110 §8.6: a length in hexadecimal", "Content-Length: 0x4", body: "evil"),
        .fields(
            "RFC 9110 §8.6: an overflowing length", "Content-Length: 18446744073709551620",
            body: "evil"),
        .fields("RFC 9112 §6.1: an unknown coding", "Transfer-Encoding: gzip"),
        .fields(
            "RFC 9112 §6.1: gzip, chunked", "Transfer-Encoding: gzip, chunked", body: "0\r\n\r\n"),
        .fields(
            "RFC 9112 §6.1: chunked twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", body: "0\r\n\r\n"),
        .fields("RFC 9112 §6.1: xchunked", "Transfer-Encoding: xchunked", body: "0\r\n\r\n"),
        Answer(
            "RFC 9112 §6.1: chunked in HTTP/1.0",
            "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        .fields(
            "RFC 9112 §6.3: more bytes than declared", "Content-Length: 2", body: "okevil",
            .passed(200, "ok")),
        .fields(
            "RFC 9112 §6.3: a second response at once", "Content-Length: 2", body: "ok" + evil,
            .passed(200, "ok")),
        .chunks(
            "RFC 9112 §7.1: a second response behind chunks", "2\r\nok\r\n0\r\n\r\n" + evil,
            .passed(200, "ok")),
        .fields(
            "RFC 9112 §6.3: a second response behind none", "Content-Length: 0", body: evil,
            .passed(200, "")),
        Answer(
            "RFC 9110 §15.3.5: 204 with a response behind it",
            "HTTP/1.1 204 No Content\r\n\r\n" + evil, .stays, .passed(204, "")),
        Answer(
            "RFC 9110 §15.4.5: 304 with a length, and a body",
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil", .stays, .passed(304, "")),
        Answer("RFC 9110 §9.3.2: HEAD with a body", evil, .stays, .passed(200, ""), method: "HEAD"),
        .fields(
            "RFC 9112 §6.3: less than declared", "Content-Length: 5", body: "evil", .truncated,
            isSilent: true),
        Answer(
            "RFC 9112 §6.3: until the end, but a reset", "HTTP/1.1 200 OK\r\n\r\nevil", .resets,
            .refusedOrTruncated),
        Answer(
            "RFC 9112 §6.3: until the end", "HTTP/1.1 200 OK\r\n\r\nok", .closes, .passed(200, "ok")
        ),
        .chunks("RFC 9112 §7.1: a size of 2^64", "2\r\nok\r\n10000000000000000\r\n"),
        .chunks("RFC 9112 §7.1: a negative size", "2\r\nok\r\n-1\r\n"),
        .chunks("RFC 9112 §7.1: a size with 0x", "2\r\nok\r\n0x2\r\nok\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: space behind a size", "2\r\nok\r\n2 \r\nok\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: a size without CR", "2\r\nok\r\n2\nok\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: more data than the size", "2\r\noko\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: LF behind the data", "2\r\nok\n0\r\n\r\n"),
        .chunks(
            "RFC 9112 §7.1.1: an endless extension",
            "2\r\nok\r\n2;" + String(repeating: "a", count: 20_000)),
        .chunks(
            "RFC 9112 §7.1.2: a length behind the body", "2\r\nok\r\n0\r\nContent-Length: 2\r\n\r\n"
        ),
        .chunks("RFC 9112 §7.1.2: a trailer that is none", "2\r\nok\r\n0\r\nnonsense\r\n\r\n"),
        .chunks("RFC 9112 §7.1.2: a folded trailer", "2\r\nok\r\n0\r\nA: b\r\n c\r\n\r\n"),
        .chunks("RFC 9112 §7.1.2: NUL in a trailer", "2\r\nok\r\n0\r\nA: \0\r\n\r\n"),
        .chunks(
            "RFC 9112 §7.1.2: endless trailers",
            "2\r\nok\r\n0\r\n" + String(repeating: "A: b\r\n", count: 300) + "\r\n"),
        .chunks("RFC 9112 §7.1: no last chunk", "2\r\nok\r\n", isSilent: true),
        .chunks(
            "RFC 9112 §7.1: a last chunk without its end", "2\r\nok\r\n0\r\n", isSilent: true),
    ]

    static let interim: [HostileAnswer] = [
        Answer(
            "RFC 9110 §15.2: eleven of them",
            String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 11) + evil),
        Answer(
            "RFC 9110 §15.2: ten of them",
            String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 10)
                + "HTTP/1.1 200 OK\r\nConnection: close\r\n"
                + empty, .closes, .passed(200, "")),
        Answer("RFC 9110 §15.2: one alone", "HTTP/1.1 100 Continue\r\n\r\n", .closes),
        Answer(
            "RFC 9110 §15.2: one alone, then silence", "HTTP/1.1 103 Early Hints\r\n\r\n", .stays,
            .timedOut),
        Answer("RFC 9110 §15.2: a broken one", "HTTP/1.1 103 Early Hints\r\nX: \0\r\n\r\n" + evil),
        Answer(
            "RFC 9110 §15.2.2: 101 that nobody asked for",
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "\r\n"),
        Answer(
            "RFC 9110 §15.2.2: 101 without Upgrade",
            "HTTP/1.1 101 Switching Protocols\r\n\r\n" + evil),
    ]

    /// A response that is cut off behind each of its bytes.
    private static func cuts(_ head: String, _ body: String) -> [HostileAnswer] {
        let all = head + body
        let headCount = head.unicodeScalars.count
        return (0..<all.unicodeScalars.count).map { count in
            let part = String(String.UnicodeScalarView(all.unicodeScalars.prefix(count)))
            let isCut = count >= headCount
            return count % 2 == 0
                ? Answer("closed after \(count)", part, .closes, isCut ? .truncated : .refused)
                : Answer(
                    "reset after \(count)", part, .resets, isCut ? .refusedOrTruncated : .refused)
        }
    }

    @Test("A head that breaks the rules is 502") func brokenHeads() throws {
        try HostileBackend(HostileAnswerTests.heads).run()
    }

    @Test("A body has one end or none") func brokenFraming() throws {
        try HostileBackend(HostileAnswerTests.framing).run()
    }

    @Test("Interim responses come to an end") func interimResponses() throws {
        try HostileBackend(HostileAnswerTests.interim).run()
    }

    @Test("A body that comes behind an early answer is no request", arguments: [true, false])
    func earlyAnswer(isHTTP2: Bool) throws {
        let origin = try Origin { connection in
            while connection.readHead() != nil {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "workers: 1")
        let body = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let length = body.utf8.count
        for _ in 0..<10 {
            if isHTTP2 {
                let client = try StreamPeer(martlet)
                let fields = HostileStreamCase.base("POST") + [("content-length", "\(length)")]
                try client.send(Frame.headers(1, fields, end: false))
                #expect(try client.stream(1).status == 200)
                try client.send(Frame.data(1, body))
                #expect(try client.get("/later", on: 3).status == 200)
                try client.peer.finish()
            } else {
                let peer = try martlet.connect()
                try peer.send(
                    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(length)\r\n\r\n")
                #expect(try peer.reply().status == 200)
                try? peer.send(body)
                #expect(try peer.receiveAll().isEmpty)
            }
        }
        #expect(try martlet.request("/after").status == 200)
        #expect(!origin.heads.contains { $0.hasPrefix("GET /smuggled") }, "\(origin.heads)")
    }

    @Test("A response that is cut off at any point is never presented as whole") func cutOff()
        throws
    {
        let cases =
            HostileAnswerTests.cuts("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "hello")
            + HostileAnswerTests.cuts(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "5\r\nhello\r\n0\r\nA: b\r\n\r\n")
        try HostileBackend(cases).run()
    }
}
