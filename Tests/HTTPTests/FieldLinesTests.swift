import Bytes
import TestSupport
import Testing

@testable import HTTP

struct FieldLinesTests {
    @Test(
        "Only two versions are spoken, in exactly one spelling",
        arguments: [
            ("HTTP/1.1", nil), ("HTTP/1.0", nil), ("HTTP/1.2", .unsupportedVersion),
            ("HTTP/2.0", .unsupportedVersion), ("HTTP/9.9", .unsupportedVersion),
            ("http/1.1", .badStartLine), ("HTTP/1.1 ", .badStartLine), ("HTTP/11", .badStartLine),
            ("HTTP/1,1", .badStartLine), ("HTTP/01.1", .badStartLine), ("HTTP/a.1", .badStartLine),
            ("", .badStartLine), ("HTTPS/1.", .badStartLine),
        ] as [(String, HTTPFault?)])
    func version(_ text: String, _ expected: HTTPFault?) {
        let bytes = Array(text.utf8)
        let result = FieldLines.version(bytes.span)
        switch result {
        case .success(let version):
            #expect(expected == nil)
            #expect(version == (text == "HTTP/1.1" ? .http11 : .http10))
        case .failure(let fault): #expect(fault == expected)
        }
    }

    /// The last line is the one that was once cut by hand.
    @Test("Every line is read to its last byte", arguments: [0, 1, 2, 3])
    func lastLine(_ count: Int) {
        let expected = (0..<count).map { "n\($0): value\($0)" }
        let bytes = Array(expected.map { $0 + "\r\n" }.joined().utf8)
        var fields = FieldBlock()
        let fault = FieldLines.read(bytes.span, into: &fields, limits: .init())
        #expect(fault == nil)
        let all = lines(of: fields).all
        #expect(all == expected)
    }

    /// What is wrong with a line by the rules of RFC 9112 §5, said byte by byte.
    private static func fault(_ line: [UInt8]) -> HTTPFault? {
        if line.first == 0x20 || line.first == 0x09 { return cause(.foldedField, line) }
        let name = line.prefix { ByteSet.tokenCharacters.contains($0) }
        guard !name.isEmpty, name.count < line.count, line[name.count] == 0x3a else {
            return cause(.badFieldName, line)
        }
        let isBad = line.dropFirst(name.count + 1).contains {
            $0 != 0x09 && $0 < 0x20 || $0 == 0x7f
        }
        return isBad ? cause(.badFieldValue, line) : nil
    }

    private static func cause(_ fault: HTTPFault, _ line: [UInt8]) -> HTTPFault {
        line.contains(0x0d) ? .bareLineEnd : fault
    }

    @Test("Lines are judged as byte by byte, and what is good is kept", arguments: 0..<40)
    func sameJudgement(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let letters = Array("ab-:: \t\r\u{0}\u{7f}_\"\u{e9}x09".utf8)
        for _ in 0..<200 {
            let texts: [[UInt8]] = (0..<Int.random(in: 1...3, using: &random)).map { _ in
                (0..<Int.random(in: 0...40, using: &random)).map { _ in
                    letters.randomElement(using: &random) ?? 0
                }
            }
            var whole: [UInt8] = []
            for text in texts { whole += Array("a: b\r\n".utf8) + text + [0x0d, 0x0a] }
            var together = FieldBlock()
            let fault = FieldLines.read(whole.span, into: &together, limits: .init())
            var expected: HTTPFault?
            var good = 0
            for text in texts where expected == nil {
                expected = FieldLinesTests.fault(text)
                good += expected == nil ? 2 : 1
            }
            #expect(fault == expected && together.count == good, "\(texts)")
        }
    }

    @Test("Fields beyond the limit are refused", arguments: [(1, 2), (2, 2), (3, 2)])
    func limit(_ count: Int, _ most: Int) {
        let bytes = Array(String(repeating: "a: b\r\n", count: count).utf8)
        var limits = MessageLimits()
        limits.fieldCount = most
        var fields = FieldBlock()
        let fault = FieldLines.read(bytes.span, into: &fields, limits: limits)
        #expect(fault == (count > most ? .tooManyFields : nil))
    }
}
