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

    /// RFC 9110 §7.6.1: `connection-option = token`.
    @Test(
        "An option of Connection that is no token is refused",
        arguments: ["close x", "\"close\"", "a;b", "a/b", "close, x y", "(a)", "a=b", "ä"])
    func badOptions(_ value: String) {
        var block = FieldBlock()
        let line = Array("Connection: \(value)".utf8)
        let malformed = block.appendLine(line.span)
        #expect(malformed == nil)
        var rules = FieldRules()
        let fault = rules.readConnection(&block, limits: .init())
        #expect(fault == .badConnection)
    }

    /// RFC 9110 §7.8: `protocol = protocol-name ["/" protocol-version]`, both tokens.
    @Test(
        "Upgrade is a list of protocols",
        arguments: [
            ("websocket", true), ("a/1.1, b", true), ("a,,b", true), ("", true), ("a b", false),
            ("a/", false), ("/1", false), ("a/b/c", false), ("\"a\"", false), ("a;b", false),
            ("websocket, <x>", false), ("ä", false),
        ])
    func upgrade(_ value: String, _ isGood: Bool) {
        for message in ["GET / HTTP/1.1\r\nHost: a", "HTTP/1.1 200 OK"] {
            let fields = "\r\nConnection: upgrade\r\nUpgrade: \(value)\r\n\r\n"
            let bytes = Array((message + fields).utf8)
            let fault =
                message.hasPrefix("GET")
                ? parseRequest(bytes, ends: [bytes.count]).fault
                : parseResponse(bytes, ends: [bytes.count]).fault
            #expect(fault == (isGood ? nil : .badUpgrade))
        }
    }

    @Test("The options of Connection are known in any case, as whole elements only")
    func options() {
        let cases: [(String, [Bool])] = [
            ("close", [true, false, false]), ("Keep-Alive", [false, true, false]),
            ("UPGRADE ,close", [true, false, true]), ("xclose, keepalive", [false, false, false]),
            ("", [false, false, false]),
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
