import Testing

@testable import HTTP

/// The memory of streams.
struct HTTP2StreamTableTests {
    @Test("The last ends are remembered, and no more", arguments: [255, 256, 257])
    func memory(_ count: Int) {
        var table = HTTP2StreamTable()
        for index in 0..<count {
            let id = Int32(2 * index + 1)
            table.noteUsed(id)
            table.close(table.open(id), .resetByUs)
        }
        #expect(table.end(of: 1) == (count > 256 ? nil : .resetByUs))
        #expect(table.hasForgotten == (count > 256))
        #expect(table.end(of: Int32(2 * count - 1)) == .resetByUs)
        #expect(table.count == 0)
        #expect(table.highest == Int32(2 * count - 1))
    }

    @Test("The peer's own RST_STREAM is noted where only ours was")
    func resetByBoth() {
        var table = HTTP2StreamTable()
        table.close(table.open(1), .resetByUs)
        table.close(table.open(3), .ended)
        for id: Int32 in [1, 3, 5] { table.noteResetByPeer(id) }
        #expect(table.end(of: 1) == .resetByPeer)
        #expect(table.end(of: 3) == .ended)
        #expect(table.end(of: 5) == nil)
    }

    @Test("Slots are used again, and what they held is forgotten")
    func slots() {
        var table = HTTP2StreamTable()
        let first = table.open(1)
        table[first].token = 7
        table.hold(10, in: first)
        #expect(table.open(1) == first)
        let second = table.open(3)
        table.hold(5, in: second)
        #expect(table.heldBytes == 15)
        table.close(first, .ended)
        #expect(table.heldBytes == 5)
        let third = table.open(5)
        #expect(third == first)
        #expect(table[third].token == 0)
        #expect(table[third].id == 5)
        #expect(table.find(1) == nil)
        #expect(table.end(of: 1) == .ended)
        #expect(!table.isKnown(7))
    }
}
