import Bytes
import Testing

@testable import HTTP

struct FieldBlockRulesTests {
    private func edited(_ lines: [String], remove: String, add: (String, String)? = nil) -> [String]
    {
        var block = FieldBlock()
        for line in lines { _ = block.appendLine(Array(line.utf8).span) }
        block.remove(named: Array(remove.utf8).span)
        if let add { block.addRuled(name: Array(add.0.utf8).span, value: Array(add.1.utf8).span) }
        var queue = ByteQueue()
        MessageWriter.appendFields(of: block, skipping: [.xForwardedFor], to: &queue)
        return String(copying: queue.bytes).split(separator: "\r\n").map(String.init)
    }

    @Test("A name is left out in any case, and with underscores for hyphens")
    func removed() {
        #expect(
            edited(["X-User: a", "x_user: b", "X-Users: c", "XUser: d"], remove: "x-user")
                == ["X-Users: c", "XUser: d"])
        #expect(edited(["Cookie: a", "A: b"], remove: "cookie") == ["A: b"])
    }

    @Test("What a rule says passes, also under a name that is left out of what clients say")
    func ruled() {
        #expect(
            edited(
                ["X-Forwarded-For: evil"], remove: "x-forwarded-for", add: ("X-Forwarded-For", "me")
            )
                == ["X-Forwarded-For: me"])
    }

    @Test(
        "A value begins and ends with what can be seen",
        arguments: [("", ""), (" ", ""), (" a b\t", "a b"), ("\t \t", ""), ("a", "a")])
    func trimmed(value: String, said: String) {
        #expect(edited([], remove: "x", add: ("X-A", value)) == ["X-A: \(said)"])
    }

    @Test("A block knows what rules have decided about, until it is used again")
    func isRuled() {
        var block = FieldBlock()
        block.remove(named: Array("Via".utf8).span)
        block.addRuled(name: Array("Date".utf8).span, value: Array("x".utf8).span)
        let known = [block.isRuled(.via), block.isRuled(.date), block.isRuled(.host)]
        #expect(known == [true, true, false])
        block.removeAll()
        let forgotten = block.isRuled(.via)
        #expect(!forgotten)
    }
}
