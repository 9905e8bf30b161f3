import Testing

@testable import TLS

struct IdleMessagesTests {
    @Test("Bytes end a run of KeyUpdates, but the turn remembers how long it was")
    func runs() {
        var messages = IdleMessages()
        for _ in 0..<3 { messages.noteKeyUpdate() }
        #expect(messages.count == 3)
        messages.noteRecord(bytes: 100)
        messages.noteKeyUpdate()
        #expect(messages.count == 3)
        messages.beginTurn()
        #expect(messages.count == 0)
        messages.noteKeyUpdate()
        #expect(messages.count == 2)
    }

    @Test(
        "A record is tiny below 64 bytes", arguments: [(0, 1), (1, 1), (63, 1), (64, 0), (65, 0)])
    func tiny(bytes: Int, count: Int) {
        var messages = IdleMessages()
        messages.noteRecord(bytes: bytes)
        #expect(messages.takeTinyRecords() == count)
        #expect(messages.takeTinyRecords() == 0)
    }

    @Test(
        "Each KiB that goes either way allows one tiny record, and is used up by it",
        arguments: [(0, 5), (1_023, 5), (1_024, 4), (2_047, 4), (5_119, 1), (5_120, 0), (9_000, 0)])
    func carried(bytes: Int, left: Int) {
        var messages = IdleMessages()
        messages.noteCarried(bytes)
        for _ in 0..<5 { messages.noteRecord(bytes: 13) }
        #expect(messages.takeTinyRecords() == left)
        for _ in 0..<9 { messages.noteRecord(bytes: 13) }
        #expect(messages.takeTinyRecords() == (bytes == 9_000 ? 6 : 9))
    }

    @Test("What was carried allows no flood later on")
    func capped() {
        var messages = IdleMessages()
        for _ in 0..<100 { messages.noteCarried(1 << 24) }
        let allowed = IdleMessages.mostCarried / IdleMessages.bytesPerRecord
        for _ in 0...allowed { messages.noteRecord(bytes: 1) }
        #expect(messages.takeTinyRecords() == 1)
    }

    @Test("A turn is over when as many have come as are too many", arguments: [1, 2, 32])
    func limit(_ limit: Int) {
        var messages = IdleMessages()
        #expect(!messages.isExhausted)
        messages.beginTurn(limit: limit)
        for _ in 1..<limit { messages.noteKeyUpdate() }
        #expect(!messages.isExhausted)
        messages.noteRefusal()
        #expect(messages.isExhausted)
        messages.noteRecord(bytes: 100)
        #expect(messages.isExhausted)
        messages.beginTurn(limit: limit + 1)
        #expect(!messages.isExhausted)
    }

    @Test("Refused renegotiations count for good")
    func refusals() {
        var messages = IdleMessages()
        for _ in 0..<3 { messages.noteRefusal() }
        messages.noteRecord(bytes: 100)
        messages.beginTurn()
        #expect(messages.count == 3)
        messages.noteKeyUpdate()
        #expect(messages.count == 4)
    }
}
