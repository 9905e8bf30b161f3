import Testing

/// Clients of HTTP/1.1 that want a message to have two ends: request smuggling, by what the backend
/// gets.
@Suite struct HostileFramingTests {
    private static let six = "0\r\n\r\n"

    static let lengths: [HostileCase] = [
        .post(
            "RFC 9112 §6.3: a length beside chunked",
            "Content-Length: 5\r\nTransfer-Encoding: chunked", body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.3: chunked beside a length",
            "Transfer-Encoding: chunked\r\nContent-Length: 5", body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.3: a length of 0 beside chunked",
            "Content-Length: 0\r\nTransfer-Encoding: chunked", body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.3: a broken length beside chunked",
            "Content-Length: x\r\nTransfer-Encoding: chunked", body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.3: a length beside an unknown coding",
            "Content-Length: 0\r\nTransfer-Encoding: x"),
        .post("RFC 9112 §6.3: two lengths", "Content-Length: 0\r\nContent-Length: 52"),
        .post("RFC 9112 §6.3: the same length twice", "Content-Length: 0\r\nContent-Length: 0"),
        .post(
            "RFC 9112 §6.3: the length again in other case",
            "Content-Length: 0\r\ncONTENT-lENGTH: 52"),
        .post("RFC 9110 §8.6: a list of one length", "Content-Length: 0, 0"),
        .post("RFC 9110 §8.6: a list of lengths", "Content-Length: 0,52"),
        .post("RFC 9110 §8.6: a list that begins empty", "Content-Length: ,0"),
        .post("RFC 9110 §8.6: an empty length", "Content-Length:"),
        .post("RFC 9110 §8.6: a length of spaces", "Content-Length:    "),
        .post("RFC 9110 §8.6: a length with plus", "Content-Length: +0"),
        .post("RFC 9110 §8.6: a length with minus", "Content-Length: -0"),
        .post("RFC 9110 §8.6: a negative length", "Content-Length: -1"),
        .post("RFC 9110 §8.6: a length with a space in it", "Content-Length: 0 0"),
        .post("RFC 9110 §8.6: a length with a tab in it", "Content-Length: 0\t1"),
        .post("RFC 9110 §8.6: a length in hexadecimal", "Content-Length: 0x0"),
        .post("RFC 9110 §8.6: a hexadecimal digit", "Content-Length: a"),
        .post("RFC 9110 §8.6: a length with an exponent", "Content-Length: 0e1"),
        .post("RFC 9110 §8.6: a length with a fraction", "Content-Length: 0.0"),
        .post("RFC 9110 §8.6: a length with an underscore", "Content-Length: 0_0"),
        .post("RFC 9110 §8.6: a length in quotes", "Content-Length: \"0\""),
        .post("RFC 9110 §8.6: a length with a parameter", "Content-Length: 0;a"),
        .post("RFC 9110 §8.6: a length of 2^64", "Content-Length: 18446744073709551616"),
        .post("RFC 9110 §8.6: a length of 2^63", "Content-Length: 9223372036854775808"),
        .post(
            "RFC 9110 §8.6: a length of many digits",
            "Content-Length: " + String(repeating: "9", count: 400)),
        .post(
            "RFC 9110 §8.6: a length of many zeros",
            "Content-Length: " + String(repeating: "0", count: 400)),
        .post("RFC 9110 §8.6: a length in digits of Unicode", "Content-Length: \u{d9}\u{a0}"),
        .post(
            "RFC 9110 §8.6: leading zeros are taken off", "Content-Length: 000010",
            body: "0123456789", .passed(1), hidden: ["00001"], shown: ["content-length: 10\r\n"]),
        .post(
            "RFC 9110 §5.5: a tab before the length", "Content-Length:\t10", body: "0123456789",
            .passed(1), shown: ["content-length: 10\r\n"]),
        .post(
            "RFC 9110 §5.5: space behind the length", "Content-Length:10 \t ", body: "0123456789",
            .passed(1), shown: ["content-length: 10\r\n"]),
        .post(
            "RFC 9110 §8.6: a body that looks like a request", "Content-Length: 45",
            body: "GET /smuggled-9 HTTP/1.1\r\nHost: localhost\r\n\r\n", .passed(1)),
    ]

    static let codings: [HostileCase] = [
        .post(
            "RFC 9112 §6.1: chunked twice in a list", "Transfer-Encoding: chunked, chunked",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: chunked, identity", "Transfer-Encoding: chunked, identity",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: identity, chunked", "Transfer-Encoding: identity, chunked",
            body: six + HostileCase.smuggled),
        .post("RFC 9112 §6.1: identity", "Transfer-Encoding: identity"),
        .post(
            "RFC 9112 §6.1: gzip, chunked", "Transfer-Encoding: gzip, chunked",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: xchunked", "Transfer-Encoding: xchunked",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: chunkedx", "Transfer-Encoding: chunkedx",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: chunked in quotes", "Transfer-Encoding: \"chunked\"",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: chunked with a parameter", "Transfer-Encoding: chunked;q=1",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: a comma before chunked", "Transfer-Encoding: ,chunked",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: a comma behind chunked", "Transfer-Encoding: chunked,",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: an empty coding", "Transfer-Encoding:", body: six + HostileCase.smuggled
        ),
        .post(
            "RFC 9112 §6.1: a vertical tab before chunked", "Transfer-Encoding: \u{b}chunked",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: NUL behind chunked", "Transfer-Encoding: chunked\0",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: a space of Latin-1 before chunked", "Transfer-Encoding: \u{a0}chunked",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: two fields", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: two fields that differ",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: x", body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: two fields in other order",
            "Transfer-Encoding: x\r\nTransfer-Encoding: chunked", body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §5.1: space before the colon", "Transfer-Encoding : chunked",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §5.1: tab before the colon", "Transfer-Encoding\t: chunked",
            body: six + HostileCase.smuggled),
        .post("RFC 9112 §5.1: space before the colon of a length", "Content-Length : 52"),
        .post(
            "RFC 9112 §5.2: a folded coding", "Transfer-Encoding:\r\n chunked",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §5.2: a folded field before the coding",
            "X: y\r\n Transfer-Encoding: chunked", body: six + HostileCase.smuggled),
        .post("RFC 9112 §5.2: a first line that is folded", " Content-Length: 52"),
        .post(
            "RFC 9112 §2.2: a coding behind a bare LF", "X: y\nTransfer-Encoding: chunked",
            body: six + HostileCase.smuggled),
        .post(
            "RFC 9112 §2.2: a coding behind a bare CR", "X: y\rTransfer-Encoding: chunked",
            body: six + HostileCase.smuggled),
        .post("RFC 9112 §2.2: a length behind LF CR", "X: y\n\rContent-Length: 52"),
        .post("RFC 9112 §2.2: a head that ends with LF LF", "X: y\n\n" + HostileCase.smuggled),
        .post("RFC 9112 §2.2: a head that ends with CR CR", "X: y\r\r" + HostileCase.smuggled),
        .post(
            "RFC 9112 §6.1: chunked in other case", "Transfer-Encoding: ChUnKeD", body: six,
            .passed(1), shown: ["transfer-encoding: chunked\r\n"]),
        HostileCase(
            "RFC 9112 §6.1: chunked in HTTP/1.0",
            "POST /case-@@ HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + six
                + HostileCase.smuggled),
        HostileCase(
            "RFC 9112 §6.1: a length beside chunked in HTTP/1.0",
            "POST /case-@@ HTTP/1.0\r\nHost: localhost\r\nContent-Length: 5\r\n"
                + "Transfer-Encoding: chunked\r\n\r\n"
                + six + HostileCase.smuggled),
        .post(
            "RFC 9110 §5.6.2: an underscore for the hyphen does not frame, nor does it pass",
            "Transfer_Encoding: chunked\r\nContent-Length: 5", body: six, .passed(1),
            hidden: ["transfer_encoding"]),
        .post(
            "RFC 9110 §5.6.2: nor for a length", "Content_Length: 100", body: "", .passed(1),
            hidden: ["content_length"]),
        .post("RFC 9110 §5.6.2: a NUL in the name", "Content\0Length: 5"),
        .post("RFC 9110 §5.6.2: a byte of Latin-1 in the name", "Content-Length\u{a0}: 5"),
    ]

    static let chunks: [HostileCase] = [
        .chunks("RFC 9112 §7.1: a size of 2^64", "10000000000000000\r\n"),
        .chunks("RFC 9112 §7.1: a size of 17 digits", "00000000000000005\r\nhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: a size beyond 2^63", "ffffffffffffffff\r\nhello"),
        .chunks("RFC 9112 §7.1: a size with plus", "+5\r\nhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: a size with minus", "-5\r\nhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: a size with 0x", "0x5\r\nhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: a size with an underscore", "0_5\r\nhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: space before a size", " 5\r\nhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: space behind a size", "5 \r\nhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: tab behind a size", "5\t\r\nhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: no size", "\r\nhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: a size that is no number", "five\r\nhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §2.2: LF behind a size", "5\nhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §2.2: CR behind a size", "5\rhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §2.2: CR CR LF behind a size", "5\r\r\nhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: LF behind the data", "5\r\nhello\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: CR behind the data", "5\r\nhello\r0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: nothing behind the data", "5\r\nhello0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: more data than the size", "5\r\nhello!\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: NUL for the size", "\0\r\n\r\n"),
        .chunks("RFC 9112 §7.1: 0 with LF LF", "0\n\n" + HostileCase.smuggled),
        .chunks("RFC 9112 §7.1: 0 with LF", "0\n\r\n" + HostileCase.smuggled),
        .chunks(
            "RFC 9112 §7.1.1: a bare LF in an extension",
            "5;a=b\nhello\r\n0\r\n\r\n" + HostileCase.smuggled),
        .chunks("RFC 9112 §7.1.1: a bare CR in an extension", "5;a=b\rhello\r\n0\r\n\r\n"),
        .chunks("RFC 9112 §7.1.1: a line end in quotes", "5;a=\"\r\nhello\"\r\n0\r\n\r\n"),
        .chunks(
            "RFC 9112 §7.1.1: a control character in an extension",
            "5;a=\u{1}\r\nhello\r\n0\r\n\r\n"),
        .chunks(
            "RFC 9112 §7.1.1: an endless extension",
            "5;a=" + String(repeating: "b", count: 17_000)),
        .chunks(
            "RFC 9112 §7.1.1: endless extensions",
            String(
                repeating: "1;a=" + String(repeating: "b", count: 1_000) + "\r\nx\r\n", count: 17)
                + "x\r\n"),
        .chunks(
            "RFC 9112 §7.1.1: extensions are dropped", "5;a=b;c=\"d e\";f\r\nhello\r\n0;g\r\n\r\n",
            .passed(1), hidden: ["a=b", "d e", ";f", ";g"]),
        .chunks(
            "RFC 9112 §7.1: leading zeros, and sizes of ours", "0005\r\nhello\r\n000\r\n\r\n",
            .passed(1), hidden: ["0005", "\r\n000\r\n"]),
        .chunks(
            "RFC 9112 §7.1.2: a length behind the body",
            "0\r\nContent-Length: 52\r\n\r\n" + HostileCase.smuggled),
        .chunks(
            "RFC 9112 §7.1.2: a coding behind the body",
            "0\r\nTransfer-Encoding: chunked\r\n\r\n" + HostileCase.smuggled),
        .chunks("RFC 9112 §7.1.2: a host behind the body", "0\r\nHost: other\r\n\r\n"),
        .chunks(
            "RFC 9112 §7.1.2: a forwarding field behind the body",
            "0\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n"),
        .chunks(
            "RFC 9112 §7.1.2: an authorization behind the body", "0\r\nAuthorization: x\r\n\r\n"),
        .chunks("RFC 9112 §7.1.2: a folded trailer", "0\r\nA: b\r\n c\r\n\r\n"),
        .chunks("RFC 9112 §7.1.2: a trailer with space before the colon", "0\r\nA : b\r\n\r\n"),
        .chunks("RFC 9112 §7.1.2: a request as a trailer", "0\r\n" + HostileCase.smuggled),
        .chunks("RFC 9112 §7.1.2: NUL in a trailer", "0\r\nA: \0\r\n\r\n"),
        .chunks(
            "RFC 9112 §7.1.2: a trailer that ends with LF", "0\r\nA: b\n\r\n" + HostileCase.smuggled
        ),
        .chunks(
            "RFC 9112 §7.1.2: a huge trailer",
            "0\r\nA: " + String(repeating: "b", count: 9_000) + "\r\n\r\n", .refusedInBody(431)),
        .chunks(
            "RFC 9112 §7.1.2: trailers without end",
            "0\r\n" + String(repeating: "A: b\r\n", count: 101) + "\r\n", .refusedInBody(431)),
        .chunks(
            "RFC 9112 §7.1: a refused body with a request behind it",
            "5\r\nhello\r\nx\r\n\r\n" + HostileCase.smuggled),
        .chunks(
            "RFC 9112 §7.1: a request in a chunk",
            "2d\r\nGET /smuggled-9 HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n0\r\n\r\n", .passed(1)),
    ]

    @Test("Content-Length has one reading or none") func contentLength() throws {
        try HostileRun().run(HostileFramingTests.lengths)
    }

    @Test("Transfer-Encoding has one reading or none") func transferEncoding() throws {
        try HostileRun().run(HostileFramingTests.codings)
    }

    @Test("Chunks have one reading or none") func chunkedBodies() throws {
        try HostileRun().run(HostileFramingTests.chunks)
    }
}
