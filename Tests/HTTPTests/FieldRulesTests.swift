import Bytes
import Testing

@testable import HTTP

struct FieldRulesTests {
    @Test(
        "A decimal number has 1 to 18 digits and nothing else",
        arguments: [
            ("0", 0), ("00", 0), ("42", 42), ("999999999999999999", 999_999_999_999_999_999),
            ("000000000000000007", 7), ("1000000000000000000", nil), ("0000000000000000007", nil),
            ("", nil), (" 1", nil), ("1 ", nil), ("+1", nil), ("-1", nil), ("1,1", nil),
            ("1_0", nil),
            ("a", nil), ("1e3", nil), ("/", nil), (":", nil),
        ] as [(String, Int64?)])
    func decimal(_ text: String, _ expected: Int64?) {
        let bytes = Array(text.utf8)
        let value = FieldRules.decimal(bytes.span)
        #expect(value == expected)
    }

    @Test(
        "A list is cut at its commas, and its elements lose the white space around them",
        arguments: [
            ("", []), ("a", ["a"]), ("a,b", ["a", "b"]), (" a\t,\t b c ", ["a", "b c"]),
            (",", [""]), ("a,", ["a"]), (",a", ["", "a"]), ("a,,b", ["a", "", "b"]), (" ", [""]),
        ] as [(String, [String])])
    func list(_ text: String, _ expected: [String]) {
        let bytes = Array(text.utf8)
        var cursor = ListCursor()
        var elements: [String] = []
        while let range = cursor.next(in: bytes.span) {
            elements.append(String(decoding: bytes[range], as: UTF8.self))
        }
        #expect(elements == expected)
    }

    @Test("The options of Connection are known in any case, as whole elements only")
    func options() {
        let cases: [(String, [Bool])] = [
            ("close", [true, false, false]), ("Keep-Alive", [false, true, false]),
            ("UPGRADE ,close", [true, false, true]), ("close x", [false, false, false]),
            ("xclose, keepalive", [false, false, false]), ("", [false, false, false]),
        ]
        for (value, expected) in cases {
            var block = FieldBlock()
            let line = Array("Connection: \(value)".utf8)
            let fault = block.appendLine(line.span)
            #expect(fault == nil)
            var rules = FieldRules()
            let conflict = rules.readConnection(&block, limits: .init())
            #expect(conflict == nil)
            #expect([rules.closes, rules.keepsAlive, rules.upgrades] == expected)
        }
    }
}
