import Foundation
import Testing

@testable import Server

struct JSONWriterTests {
    @Test(
        "Strings are escaped as RFC 8259 §7 has it",
        arguments: [
            ("plain", "\"plain\""),
            ("quote\" backslash\\", #""quote\" backslash\\""#),
            ("line\nreturn\rtab\t", #""line\nreturn\rtab\t""#),
            ("\u{0}\u{1f}", #""\u0000\u001f""#),
            ("é漢😀</script>", "\"é漢😀</script>\""),
            ("\u{7f}\u{80}\u{9b}2J\u{9f}\u{a0}", "\"\\u007f\\u0080\\u009b2J\\u009f\u{a0}\""),
            ("\u{61c}\u{200e}\u{202e}\u{2066}", #""\u061c\u200e\u202e\u2066""#),
            ("a\u{2028}b\u{2029}\u{feff}", #""a\u2028b\u2029\ufeff""#),
        ])
    func escaping(text: String, expected: String) {
        var writer = JSONWriter()
        writer.value(text)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    /// A client's SNI reached the operator's terminal as it came, by `martlet status`.
    @Test("What is no UTF-8 comes out as U+FFFD, and commands no terminal")
    func illFormed() {
        let bytes: [UInt8] = [0x61, 0x9b, 0x32, 0xc2, 0x9b, 0xff]
        var writer = JSONWriter()
        writer.value(String(decoding: bytes, as: UTF8.self))
        let expected = "\"a\u{fffd}2\\u009b\u{fffd}\""
        #expect(writer.bytes == Array(expected.utf8))
    }

    @Test("Every character up to U+02FF, and what is escaped beyond, comes back through a parser")
    func roundTrip() throws {
        let codes: [UInt32] = Array(0..<0x300) + Array(0x2000..<0x2070) + [0xfeff, 0x1_f600]
        var text = ""
        for code in codes {
            if let scalar = Unicode.Scalar(code) { text.unicodeScalars.append(scalar) }
        }
        var writer = JSONWriter()
        writer.object { writer in writer.member(text, text) }
        let parsed = try JSONSerialization.jsonObject(with: Foundation.Data(writer.bytes))
        let object = try #require(parsed as? [String: String])
        #expect(object == [text: text])
    }

    @Test("Nested values stand in order, apart from each other")
    func nesting() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("a", [])
            writer.member("b", ["x", "y"])
            writer.member("c", nil)
            writer.member("d", 1.5)
            writer.member("e", Double.infinity)
            writer.member("f", -7)
            writer.member("g", true)
            writer.member("h", objects: [1]) { $0.member("n", $1) }
        }
        let compact = String(decoding: writer.bytes, as: UTF8.self)
            .filter { $0 != " " && $0 != "\n" }
        let expected =
            #"{"a":[],"b":["x","y"],"c":null,"d":1.5,"e":null,"f":-7,"g":true,"h":[{"n":1}]}"#
        #expect(compact == expected)
    }
}
