import Testing

@testable import TLS

struct HostTableTests {
    @Test("A name is found in any case, and nothing else is")
    func find() {
        var table = HostTable(capacity: 3)
        table.insert("a.test", value: 7)
        table.insert("b.test", value: 0)
        let rows: [(String, Int?)] = [
            ("a.test", 7), ("A.Test", 7), ("b.test", 0), ("a.tes", nil), ("a.testx", nil),
            ("", nil), ("c.test", nil), ("a\0test", nil), ("@.test", nil),
        ]
        for (name, value) in rows { #expect(table.find(name.utf8.span) == value, "\(name)") }
    }

    @Test("An empty table finds nothing")
    func empty() {
        let table = HostTable(capacity: 0)
        #expect(table.find("".utf8.span) == nil)
        #expect(table.find("a".utf8.span) == nil)
    }

    @Test("The first value of a name stays")
    func duplicates() {
        var table = HostTable(capacity: 2)
        table.insert("a.test", value: 1)
        table.insert("a.test", value: 2)
        #expect(table.find("a.test".utf8.span) == 1)
    }

    @Test("A table takes the names that it has room for", arguments: [1, 3, 4, 5, 8, 9, 100])
    func full(_ count: Int) {
        var table = HostTable(capacity: count)
        for index in 0..<count { table.insert("\(index).test", value: index) }
        for index in 0..<count { #expect(table.find("\(index).test".utf8.span) == index) }
        #expect(table.find("\(count).test".utf8.span) == nil)
    }

    @Test("The empty name is a name")
    func emptyName() {
        var table = HostTable(capacity: 1)
        table.insert("", value: 4)
        #expect(table.find("".utf8.span) == 4)
    }
}
