import Bytes
import Testing

@testable import HTTP

struct FieldNameTests {
    private func recognise(_ text: String) -> FieldName {
        let bytes = Array(text.utf8)
        return FieldName(bytes.span)
    }

    @Test("Every known name is recognised in any case", arguments: FieldName.allCases)
    func known(_ name: FieldName) {
        let spelling = "\(name.spelling)"
        #expect(spelling == spelling.lowercased())
        #expect(recognise(spelling) == name)
        #expect(recognise(spelling.uppercased()) == name)
        #expect(recognise(spelling + "x") == .other)
        #expect(recognise(String(spelling.dropLast())) == .other || name == .te)
    }

    @Test("A name is recognised behind underscores", arguments: FieldName.allCases)
    func disguised(_ name: FieldName) {
        for text in ["\(name.spelling)", "\(name.spelling)".uppercased()] {
            let bytes = Array(text.map { $0 == "-" ? "_" : $0 }.map(String.init).joined().utf8)
            #expect(FieldName(disguised: bytes.span) == name)
            let longer = bytes + [UInt8(ascii: "_")]
            #expect(FieldName(disguised: longer.span) == .other)
        }
    }

    @Test("No two names share a spelling")
    func spellings() {
        #expect(Set(FieldName.allCases.map { "\($0.spelling)" }).count == FieldName.allCases.count)
        #expect(FieldName.allCases.count <= 64)
    }

    @Test("Each name has a shape of its own, so that one comparison recognises it")
    func shapes() {
        let shapes = FieldName.allCases.filter { $0 != .other }.map { name in
            let letters = Array("\(name.spelling)".utf8)
            return FieldName.shape(letters.count, letters[0], letters[letters.count - 1])
        }
        #expect(Set(shapes).count == shapes.count)
    }

    @Test(
        "Unknown names of any length are other",
        arguments: ["", "x", "hosts", "h\u{0}st", String(repeating: "a", count: 26)])
    func unknown(_ text: String) {
        #expect(recognise(text) == .other)
        #expect(recognise(String(repeating: "b", count: 5000)) == .other)
    }

    @Test("A set has exactly the names that were put in, and never other")
    func sets() {
        for name in FieldName.allCases {
            let set = FieldNameSet([name])
            let found = FieldName.allCases.filter { set.contains($0) }
            #expect(found == (name == .other ? [] : [name]))
        }
        var set: FieldNameSet = [.host, .via]
        set.insert(.priority)
        #expect(FieldName.allCases.filter { set.contains($0) } == [.host, .via, .priority])
    }
}
