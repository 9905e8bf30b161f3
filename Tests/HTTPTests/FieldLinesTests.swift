import Bytes
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
}
