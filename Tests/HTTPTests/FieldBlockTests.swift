import Bytes
import Testing

@testable import HTTP

struct FieldBlockTests {
    private func block(_ lines: [String]) -> FieldBlock {
        var block = FieldBlock()
        for line in lines {
            let bytes = Array(line.utf8)
            let fault = block.appendLine(bytes.span)
            #expect(fault == nil)
        }
        return block
    }

    @Test("Fields are found by name, in any case")
    func lookup() {
        let block = block(["HOST: a", "X: 1", "cookie: b", "Cookie: c", "x: 2"])
        let places = [block.first(.host), block.first(.cookie), block.first(.date)]
        #expect(places == [0, 2, nil])
        let counts = [block.count, block.count(of: .cookie), block.count(of: .date)]
        #expect(counts == [5, 2, 0])
        let isThere = [block.contains(.cookie), block.contains(.date)]
        #expect(isThere == [true, false])
        var names: [FieldName] = []
        for index in 0..<block.count { names.append(block.id(index)) }
        #expect(names == [.host, .other, .cookie, .cookie, .other])
    }

    @Test("Unknown names are not found by the name that they share")
    func other() {
        let block = block(["X: 1"])
        let isThere = block.contains(.other)
        #expect(!isThere)
        let place = block.first(.other)
        #expect(place == nil)
        let count = block.count(of: .other)
        #expect(count == 0)
    }

    @Test("An emptied block keeps nothing")
    func removal() {
        var block = block(["Host: a", "Connection: close"])
        block.removeAll()
        let isThere = block.contains(.host)
        #expect(!isThere)
        let bytes = Array("Via: b".utf8)
        let fault = block.appendLine(bytes.span)
        #expect(fault == nil)
        let (all, hopByHop) = lines(of: block)
        #expect(all == ["Via: b"])
        #expect(hopByHop.isEmpty)
    }

    @Test(
        "A line is a name, a colon and a value",
        arguments: [
            ("a:b", "a: b"), ("a: b", "a: b"), ("a:\t b \t", "a: b"), ("a:", "a: "),
            ("a: \t ", "a: "),
            ("a::b", "a: :b"), ("a: b c\td", "a: b c\td"),
            ("!#$%&'*+-.^_`|~: x", "!#$%&'*+-.^_`|~: x"),
            ("a: é", "a: é"),
        ])
    func good(_ line: String, _ expected: String) {
        let block = block([line])
        let all = lines(of: block).all
        #expect(all == [expected])
    }

    @Test(
        "A malformed line is refused and leaves no trace",
        arguments: [
            ("", .badFieldName), (":", .badFieldName), (": a", .badFieldName), ("a", .badFieldName),
            ("a b: c", .badFieldName), ("a : c", .badFieldName), ("a\u{0}: c", .badFieldName),
            ("(a): c", .badFieldName), (" a: b", .foldedField), ("\ta: b", .foldedField),
            (" ", .foldedField), ("a: \u{0}", .badFieldValue), ("a: b\u{1f}c", .badFieldValue),
            ("a: \u{7f}", .badFieldValue), ("a: b\rc", .badFieldValue), ("a: b\nc", .badFieldValue),
        ] as [(String, HTTPFault)])
    func bad(_ line: String, _ expected: HTTPFault) {
        var block = FieldBlock()
        let bytes = Array(line.utf8)
        let fault = block.appendLine(bytes.span)
        #expect(fault == expected)
        let count = block.count
        #expect(count == 0)
    }

    @Test("The length of a name is limited to what is stored", arguments: [65_534, 65_535, 65_536])
    func longName(_ count: Int) {
        var block = FieldBlock()
        let line = [UInt8](repeating: UInt8(ascii: "a"), count: count) + Array(": b".utf8)
        let fault = block.appendLine(line.span)
        #expect(fault == (count > 65_535 ? .badFieldName : nil))
        let kept = block.count
        #expect(kept == (count > 65_535 ? 0 : 1))
    }

    /// A line that stands as it came is written in one piece; one whose value was changed is not.
    @Test("Fields are written as their values are now")
    func written() {
        var block = FieldBlock()
        for line in ["Cookie: a=1", "X: y", "E:", "Z:  last \t", "cookie: b=2"] {
            let fault = block.appendLine(Array(line.utf8).span)
            #expect(fault == nil)
        }
        block.extendValue(0, by: Array("; c=3".utf8).span)
        block.extendValue(4, by: Array("; d=4".utf8).span)
        var queue = ByteQueue()
        for index in 0..<block.count { block.writeLine(index, to: &queue) }
        let text = String(copying: queue.bytes)
        #expect(
            text == "Cookie: a=1; c=3\r\nX: y\r\nE: \r\nZ: last\r\ncookie: b=2; d=4\r\n")
    }
}
