import Testing

@testable import Config

struct YAMLTreeTests {
    private static func tree(_ text: String) throws(YAMLError) -> YAMLNode? {
        var tree = YAMLTree(try YAMLReader.read(Array(text.utf8)))
        return try tree.root { _ in nil }
    }

    private static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth - 1) + "a" + String(repeating: "]", count: depth - 1)
    }

    @Test("Values may be nested 32 levels deep and no deeper")
    func depth() throws {
        _ = try YAMLTreeTests.tree(YAMLTreeTests.nested(31))
        _ = try YAMLTreeTests.tree(YAMLTreeTests.nested(32))
        #expect(throws: YAMLError.self) { try YAMLTreeTests.tree(YAMLTreeTests.nested(33)) }
        #expect(throws: YAMLError.self) { try YAMLTreeTests.tree(YAMLTreeTests.nested(5000)) }
    }

    @Test("An alias counts with the depth of what it stands for")
    func depthOfAliases() throws {
        let anchor = YAMLTreeTests.nested(20)
        _ = try YAMLTreeTests.tree("- &a \(anchor)\n- [[[[[[[[[[[*a]]]]]]]]]]]")
        #expect(throws: YAMLError.self) {
            try YAMLTreeTests.tree("- &a \(anchor)\n- [[[[[[[[[[[[*a]]]]]]]]]]]]")
        }
    }

    @Test("Aliases of aliases are counted with what they stand for")
    func billionLaughs() throws {
        var text = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let alias = "*a\(level - 1)"
            text += "- &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
        }
        #expect(throws: YAMLError.self) { try YAMLTreeTests.tree(text) }
    }

    @Test("There may be a million values and no more")
    func size() throws {
        func list(of count: Int) -> String {
            "- &a [" + String(repeating: "x,", count: 999) + "]\n"
                + String(repeating: "- *a\n", count: count - 1)
        }
        // Each list counts 1000; the outer list is one more.
        let limit = YAMLTree.maximumNodes / 1000
        #expect(try YAMLTreeTests.tree(list(of: limit - 1)) != nil)
        #expect(throws: YAMLError.self) { try YAMLTreeTests.tree(list(of: limit)) }
    }

    @Test(
        "Bytes that are not UTF-8 are refused where they stand",
        arguments: [
            ([0xff], 1, 1), ([0x61, 0x0a, 0x62, 0xc3, 0x28], 2, 3),
            ([0x61, 0x20, 0xe2, 0x82], 1, 3),
            ([0xc3, 0xa4, 0x20, 0x00], 1, 3), ([0xc0, 0x80], 1, 1), ([0xed, 0xa0, 0x80], 1, 1),
        ] as [([UInt8], Int, Int)])
    func encoding(_ bytes: [UInt8], line: Int, column: Int) {
        let error = #expect(throws: YAMLError.self) { try YAMLReader.read(bytes) }
        #expect(error?.mark == SourceMark(line: line, column: column))
    }

    @Test("A byte order mark and CRLF are taken")
    func windows() {
        let text = "\u{FEFF}" + minimal(adding: "").replacing("\n", with: "\r\n")
        #expect(load(text).diagnostics == [])
    }

    @Test("What YAML takes for a number or a boolean is told from a text")
    func numbers() throws {
        for text in ["1", "-1.5", "+3", ".5", "1e3", "true", "False"] {
            #expect(try #require(try YAMLTreeTests.tree(text)).isNumberOrBoolean, "\(text)")
        }
        for text in ["'1'", "a", "1.2.3.4", "nan", "-", "1:80", "infinity", "yes"] {
            #expect(!(try #require(try YAMLTreeTests.tree(text)).isNumberOrBoolean), "\(text)")
        }
    }
}
