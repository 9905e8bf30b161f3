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
        ])
    func escaping(text: String, expected: String) {
        var writer = JSONWriter()
        writer.value(text)
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test("Every character up to U+02FF comes back through another parser")
    func roundTrip() throws {
        var text = ""
        for code in UInt32(0)..<0x300 {
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
