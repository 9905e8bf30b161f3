import Bytes
import Testing

@testable import HTTP

/// What a decoder makes of a body.
struct BodyFacts: Equatable {
    enum End: Equatable {
        case complete(rest: Int)
        case unfinished
        case failed(HTTPFault)
    }

    var payload: [UInt8] = []
    var trailers: [String] = []
    var end = End.unfinished
}

/// Decodes a body of which more and more comes, and keeps unconsumed input as a connection does.
func decode(
    _ bytes: [UInt8], ends: some Sequence<Int>, _ framing: BodyFraming = .chunked,
    limits: MessageLimits = .init()
) -> BodyFacts {
    var decoder = BodyDecoder(framing, trailerLimits: limits)
    var trailers = FieldBlock()
    var facts = BodyFacts()
    var start = 0
    for end in ends {
        feed: while true {
            switch decoder.step(bytes.span.extracting(start..<end), trailers: &trailers) {
            case .bytes(let range):
                facts.payload += bytes[(start + range.lowerBound)..<(start + range.upperBound)]
                start += range.upperBound
            case .needsMore(let consumed):
                start += consumed
                break feed
            case .end(let consumed):
                start += consumed
                facts.trailers = lines(of: trailers).all
                facts.end = .complete(rest: bytes.count - start)
                return facts
            case .failed(let fault):
                facts.end = .failed(fault)
                return facts
            }
        }
    }
    return facts
}

struct BodyDecoderTests {
    private func decode(
        _ text: String, _ framing: BodyFraming = .chunked, limits: MessageLimits = .init()
    ) -> BodyFacts {
        let bytes = Array(text.utf8)
        let whole = HTTPTests.decode(bytes, ends: [bytes.count], framing, limits: limits)
        for ends in arrivals(bytes.count) {
            let parts = HTTPTests.decode(bytes, ends: ends, framing, limits: limits)
            if parts != whole { Issue.record("\(ends): \(parts) is not \(whole)") }
        }
        return whole
    }

    @Test("No body ends before its first byte")
    func none() {
        #expect(decode("GET", .none) == BodyFacts(end: .complete(rest: 3)))
        #expect(decode("GET", .length(0)) == BodyFacts(end: .complete(rest: 3)))
    }

    @Test("A body with a length ends there", arguments: [4, 5, 6])
    func length(_ count: Int) {
        let facts = decode(String(repeating: "a", count: count), .length(5))
        #expect(facts.payload.count == min(count, 5))
        #expect(facts.end == (count < 5 ? .unfinished : .complete(rest: count - 5)))
    }

    @Test("A body without a length ends with the connection, and only that one does")
    func endOfStream() {
        #expect(decode("abc", .untilClose) == BodyFacts(payload: Array("abc".utf8)))
        let framings: [(BodyFraming, Bool)] = [
            (.untilClose, true), (.none, true), (.length(0), true), (.length(1), false),
            (.chunked, false),
        ]
        for (framing, isProper) in framings {
            var decoder = BodyDecoder(framing, trailerLimits: .init())
            let isEnd = decoder.endOfStream()
            #expect(isEnd == isProper)
            #expect(decoder.isComplete == isProper)
        }
    }

    @Test("What is still to come is known for lengths only")
    func remaining() {
        var decoder = BodyDecoder(.length(5), trailerLimits: .init())
        var trailers = FieldBlock()
        let bytes = Array("abc".utf8)
        let step = decoder.step(bytes.span, trailers: &trailers)
        #expect(step == .bytes(0..<3))
        #expect(decoder.remaining == 2)
        #expect(BodyDecoder(.chunked, trailerLimits: .init()).remaining == nil)
    }

    @Test(
        "Chunks are joined, whatever stands around them",
        arguments: [
            ("0\r\n\r\n", ""), ("3\r\nabc\r\n0\r\n\r\n", "abc"),
            ("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc"),
            ("A\r\n0123456789\r\n00\r\n\r\n", "0123456789"),
            ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789"),
            ("0000000000000003\r\nabc\r\n0000000000000000\r\n\r\n", "abc"),
            ("3;name=value\r\nabc\r\n0;x\r\n\r\n", "abc"),
            ("3; a = \"b;c\"\r\nabc\r\n0\r\n\r\n", "abc"),
            ("2\r\n\r\n\r\n0\r\n\r\n", "\r\n"),
        ])
    func chunks(_ text: String, _ payload: String) {
        let facts = decode(text + "GET")
        #expect(String(decoding: facts.payload, as: UTF8.self) == payload)
        #expect(facts.end == .complete(rest: 3))
        #expect(facts.trailers.isEmpty)
    }

    @Test(
        "A malformed chunk is refused",
        arguments: [
            Refusal("\r\n", .badChunkSize), Refusal("x\r\n", .badChunkSize),
            Refusal(" 3\r\nabc", .badChunkSize), Refusal("3 \r\nabc", .badChunkSize),
            Refusal("3 ;a\r\nabc", .badChunkSize), Refusal("+3\r\nabc", .badChunkSize),
            Refusal("-3\r\nabc", .badChunkSize), Refusal("0x3\r\nabc", .badChunkSize),
            Refusal("3_0\r\nabc", .badChunkSize), Refusal(";a\r\n", .badChunkSize),
            Refusal("3\nabc", .badChunkSize), Refusal("3\r\rabc", .bareLineEnd),
            Refusal("3\rabc", .bareLineEnd), Refusal("3;a\nabc", .badChunkExtension),
            Refusal("3;\r\nabc", .badChunkExtension), Refusal("3;a=\r\nabc", .badChunkExtension),
            Refusal("3;a\0\r\nabc", .badChunkExtension), Refusal("3;a\rb\r\nabc", .bareLineEnd),
            Refusal("3;a=\"\r\nabc", .badChunkExtension),
            Refusal("3\r\nabcd\r\n", .badChunkEnd), Refusal("3\r\nabc\n", .badChunkEnd),
            Refusal("3\r\nabc\r0", .badChunkEnd), Refusal("3\r\nabc\r\r\n", .badChunkEnd),
            Refusal("3\r\nabc0\r\n\r\n", .badChunkEnd), Refusal("3\r\nabc\r\n\r\n", .badChunkSize),
            Refusal("0\r\n\n", .bareLineEnd), Refusal("0\n\r\n", .badChunkSize),
            Refusal("0\r\nA: b\n\r\n", .bareLineEnd), Refusal("0\r\nA: b\r\n\n", .bareLineEnd),
            Refusal("0\r\nA: b\rc\r\n\r\n", .bareLineEnd), Refusal("0\r\n\r\r\n", .bareLineEnd),
        ])
    func malformedChunks(_ refusal: Refusal) {
        #expect(decode(refusal.message).end == .failed(refusal.fault))
        #expect(refusal.fault.status == 400)
    }

    @Test(
        "The size of a chunk never overflows",
        arguments: [
            ("7fffffffffffffff", nil), ("0fffffffffffffff", nil), ("ffffffff", nil),
            ("8000000000000000", .badChunkSize), ("ffffffffffffffff", .badChunkSize),
            ("10000000000000000", .badChunkSize), ("00000000000000003", .badChunkSize),
            ("fffffffffffffffff", .badChunkSize), ("10000000000000003", .badChunkSize),
        ] as [(String, HTTPFault?)])
    func chunkSizes(_ size: String, _ fault: HTTPFault?) {
        let facts = decode(size + "\r\nabc")
        #expect(facts.end == fault.map { .failed($0) } ?? .unfinished)
        #expect(facts.payload.count == (fault == nil ? 3 : 0))
    }

    @Test("The extensions of a chunk are limited", arguments: [1023, 1024, 1025])
    func extensions(_ count: Int) {
        let text = "1;" + String(repeating: "x", count: count) + "\r\na\r\n0\r\n\r\n"
        let bytes = Array(text.utf8)
        let facts = HTTPTests.decode(bytes, ends: 0...bytes.count)
        #expect(facts == HTTPTests.decode(bytes, ends: [bytes.count]))
        #expect(facts.end == (count > 1024 ? .failed(.badChunkExtension) : .complete(rest: 0)))
    }

    /// Dropped as they are, they were bounded for each chunk only: a body without end could have
    /// them in the place of the payload that is counted (RFC 9112 §7.1.1).
    @Test("The extensions of a body are limited", arguments: [16_383, 16_384, 16_385])
    func allExtensions(_ count: Int) {
        var left = count
        var text = ""
        while left > 0 {
            let size = min(left, 1_000)
            text += "1;" + String(repeating: "x", count: size) + "\r\na\r\n"
            left -= size
        }
        let bytes = Array((text + "0\r\n\r\n").utf8)
        let facts = HTTPTests.decode(bytes, ends: 0...bytes.count)
        #expect(facts == HTTPTests.decode(bytes, ends: [bytes.count]))
        #expect(facts.end == (count > 16_384 ? .failed(.badChunkExtension) : .complete(rest: 0)))
    }

    /// Streaming byte by byte is what some servers do; it costs the sender six bytes for one.
    @Test("Chunks of one byte are taken, however many")
    func tinyChunks() {
        let bytes = Array((String(repeating: "1\r\na\r\n", count: 20_000) + "0\r\n\r\n").utf8)
        let facts = HTTPTests.decode(bytes, ends: [bytes.count])
        #expect(facts.payload.count == 20_000)
        #expect(facts.end == .complete(rest: 0))
    }

    @Test("A body that is cut anywhere is never complete")
    func truncated() {
        let bytes = Array("3;x\r\nabc\r\n1\r\nd\r\n0\r\nA: b\r\n\r\n".utf8)
        for end in bytes.indices {
            var decoder = BodyDecoder(.chunked, trailerLimits: .init())
            var trailers = FieldBlock()
            var start = 0
            while case .bytes(let range) = decoder.step(
                bytes.span.extracting(start..<end), trailers: &trailers)
            {
                start += range.upperBound
            }
            let isProper = decoder.endOfStream()
            #expect(!isProper)
        }
    }

    @Test("Trailers are fields")
    func trailers() {
        let facts = decode("1\r\na\r\n0\r\nGrpc-Status: 0\r\ngrpc-message:\t x \r\n\r\nGET")
        #expect(facts.trailers == ["Grpc-Status: 0", "grpc-message: x"])
        #expect(facts.end == .complete(rest: 3))
    }

    @Test(
        "A malformed trailer is refused",
        arguments: [
            Refusal(": a", .badFieldName), Refusal("A : b", .badFieldName),
            Refusal(" A: b", .foldedField), Refusal("A: b\r\n c", .foldedField),
            Refusal("A", .badFieldName), Refusal("A: \0", .badFieldValue),
            Refusal("Content-Length: 1", .badTrailer), Refusal("host: a", .badTrailer),
            Refusal("Transfer-Encoding: chunked", .badTrailer), Refusal("TE: a", .badTrailer),
            Refusal("Connection: a", .badTrailer), Refusal("Upgrade: a", .badTrailer),
            Refusal("Trailer: a", .badTrailer), Refusal("Cookie: a", .badTrailer),
            Refusal("Authorization: a", .badTrailer), Refusal("Expect: a", .badTrailer),
            Refusal("Forwarded: a", .badTrailer), Refusal("X-Forwarded-For: a", .badTrailer),
            Refusal("X-Forwarded-Proto: a", .badTrailer), Refusal("X-Real-IP: a", .badTrailer),
            Refusal("Content-Type: a", .badTrailer), Refusal("Content-Range: a", .badTrailer),
            Refusal("Content-Encoding: gzip", .badTrailer), Refusal("Via: 1.1 a", .badTrailer),
            Refusal("X-Forwarded-Host: a", .badTrailer), Refusal("Early-Data: 1", .badTrailer),
        ])
    func malformedTrailers(_ refusal: Refusal) {
        #expect(decode("0\r\n\(refusal.message)\r\n\r\n").end == .failed(refusal.fault))
    }

    /// Fed byte by byte, the CR of the empty line once counted against the limit that the same
    /// section, fed whole, met.
    @Test("The size of the trailer section is limited", arguments: [-2, -1, 0, 1, 2])
    func trailerBytes(_ excess: Int) {
        let lines = "A: b\r\nCD: ef\r\n"
        let limits = MessageLimits(trailerBytes: lines.utf8.count - excess)
        let facts = decode("0\r\n\(lines)\r\n", limits: limits)
        #expect(facts.end == (excess > 0 ? .failed(.trailerTooLarge) : .complete(rest: 0)))
        #expect(HTTPFault.trailerTooLarge.status == 431)
        let bare = decode("0\r\nA: b\r\nCD: ef\n", limits: limits)
        #expect(bare.end == .failed(excess > 1 ? .trailerTooLarge : .bareLineEnd))
        let carriageReturns = decode("0\r\n\(lines)\r\r\r\n\r\n", limits: limits)
        #expect(carriageReturns.end == .failed(.trailerTooLarge))
    }

    @Test("Without room for trailers a body can still end")
    func noTrailerBytes() {
        let facts = decode("0\r\n\r\n", limits: MessageLimits(trailerBytes: 0))
        #expect(facts.end == .complete(rest: 0))
    }

    @Test("The number of trailers is limited", arguments: [0, 1, 2, 3, 4])
    func trailerCount(_ count: Int) {
        let lines = (0..<count).map { "X\($0): a\r\n" }.joined()
        let facts = decode("0\r\n\(lines)\r\n", limits: MessageLimits(fieldCount: 3))
        #expect(facts.end == (count > 3 ? .failed(.trailerTooLarge) : .complete(rest: 0)))
    }
}
