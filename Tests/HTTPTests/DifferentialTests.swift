import Bytes
import Testing

@testable import HTTP

/// Two implementations and thousands of messages: where Martlet accepts, so does h11, and both
/// understand the same. What one takes and another does not is how requests are smuggled.
@Suite(.enabled(if: Judge.isThere, "needs Debian's python3-h11"))
struct DifferentialTests {
    /// What Martlet makes of a request.
    private static func judgeRequest(_ bytes: [UInt8]) -> Judge.Verdict {
        var parser = RequestParser(limits: .init())
        var head = RequestHead()
        switch parser.parse(bytes.span, into: &head) {
        case .needsMore: return .unfinished
        case .failed(let fault): return .refused("\(fault.label)")
        case .complete(let consumed):
            let version = head.version == .http11 ? "x312e31" : "x312e30"
            let words = [word(head.methodBytes), word(head.target), version]
            return judgeBody(
                Array(bytes[consumed...]), head.framing, words, fields(of: head.fields))
        }
    }

    /// What Martlet makes of a response to GET, behind which the connection ends.
    private static func judgeResponse(_ bytes: [UInt8]) -> Judge.Verdict {
        var parser = ResponseParser(limits: .init())
        var head = ResponseHead()
        switch parser.parse(bytes.span, requestMethod: .get, into: &head) {
        case .needsMore: return .unfinished
        case .failed(let fault): return .refused("\(fault.label)")
        case .complete(let consumed):
            let version = head.version == .http11 ? "x312e31" : "x312e30"
            let words = [
                "x" + Judge.hexadecimal("\(head.status)".utf8), word(head.reason), version,
            ]
            let fields = fields(of: head.fields)
            if head.status < 200 {
                return .accepted(
                    words: words, fields: fields, body: "", trailers: [], rest: -1)
            }
            return judgeBody(
                Array(bytes[consumed...]), head.framing(requestMethod: .get), words, fields)
        }
    }

    private static func judgeBody(
        _ bytes: [UInt8], _ framing: BodyFraming, _ words: [String], _ fields: [String]
    ) -> Judge.Verdict {
        var decoder = BodyDecoder(framing, trailerLimits: .init())
        var trailers = FieldBlock()
        var body: [UInt8] = []
        var start = 0
        while true {
            switch decoder.step(bytes.span.extracting(start...), trailers: &trailers) {
            case .bytes(let range):
                body += bytes[(start + range.lowerBound)..<(start + range.upperBound)]
                start += range.upperBound
                continue
            case .failed(let fault): return .refused("\(fault.label)")
            case .needsMore(let consumed):
                guard decoder.endOfStream() else { return .unfinished }
                start += consumed
            case .end(let consumed): start += consumed
            }
            return .accepted(
                words: words, fields: fields, body: Judge.hexadecimal(body),
                trailers: self.fields(of: trailers), rest: bytes.count - start)
        }
    }

    /// A word of the first line; h11 says the same of an empty one.
    private static func word(_ bytes: Span<UInt8>) -> String {
        "x" + Judge.hexadecimal(copy(bytes))
    }

    private static func copy(_ bytes: Span<UInt8>) -> [UInt8] {
        var copied: [UInt8] = []
        for index in bytes.indices { copied.append(bytes[index]) }
        return copied
    }

    /// The fields, with the coding in lower case, as h11 writes it.
    private static func fields(of block: borrowing FieldBlock) -> [String] {
        (0..<block.count).map { index in
            var value = copy(block.value(index))
            if block.id(index) == .transferEncoding { value = value.map(\.asciiLowercased) }
            return Judge.hexadecimal(copy(block.name(index))) + ":" + Judge.hexadecimal(value)
        }
    }

    /// Where Martlet may accept what h11 refuses, by h11's reason: none of it has two meanings.
    private static let differences = [
        // RFC 9112 §2.2 wants one empty line before a request to be ignored.
        "no request line received"
    ]

    /// The rules by which Martlet may refuse what h11 accepts; each is the sender's fault.
    private static let stricter: Set<String> = [
        "bad_start_line", "bad_target", "connect_refused", "unsupported_version", "bare_line_end",
        "bad_field_value", "folded_field", "bad_host", "bad_content_length",
        "repeated_content_length", "conflicting_framing", "bad_transfer_encoding",
        "transfer_encoding_in_http10", "bad_connection", "bad_upgrade", "framed_empty_response",
        "bad_expectation", "bad_status", "bad_chunk_size", "bad_chunk_extension", "bad_trailer",
    ]

    private func compare(
        _ messages: [[UInt8]], role: String, _ judge: ([UInt8]) -> Judge.Verdict
    ) throws {
        let theirs = try Judge.verdicts(on: messages, role: role)
        try #require(theirs.count == messages.count)
        var agreed = 0
        var refusals: [String: Int] = [:]
        for (message, their) in zip(messages, theirs) {
            let ours = judge(message)
            let text = String(decoding: message, as: UTF8.self).debugDescription
            if ours.isAccepted {
                if case .refused(let reason) = their,
                    DifferentialTests.differences.contains(where: reason.contains)
                {
                    continue
                }
                if ours != their { Issue.record("\(text)\nhere: \(ours)\nh11: \(their)") }
                agreed += 1
            } else if their.isAccepted {
                guard case .refused(let label) = ours, DifferentialTests.stricter.contains(label)
                else {
                    Issue.record("\(text)\nhere: \(ours)\nh11: \(their)")
                    continue
                }
                refusals[label, default: 0] += 1
            }
        }
        // A generator of nonsense would agree on everything.
        #expect(agreed > messages.count / 10)
        #expect(refusals.count > 5)
    }

    @Test("Requests that are accepted are the requests that h11 sees")
    func requests() throws {
        var maker = MessageMaker(seed: 20_261_121)
        let messages = (0..<6_000).map { _ in maker.request() }
        try compare(messages, role: "requests", DifferentialTests.judgeRequest)
    }

    @Test("Responses that are accepted are the responses that h11 sees")
    func responses() throws {
        var maker = MessageMaker(seed: 9_112)
        let messages = (0..<4_000).map { _ in maker.response() }
        try compare(messages, role: "responses", DifferentialTests.judgeResponse)
    }
}
