import Testing

@testable import TLS

struct IdleMessagesTests {
    @Test("Bytes end a run of KeyUpdates, but the turn remembers how long it was")
    func runs() {
        var messages = IdleMessages()
        for _ in 0..<3 { messages.noteKeyUpdate() }
        #expect(messages.count == 3)
        messages.endRun()
        messages.noteKeyUpdate()
        #expect(messages.count == 3)
        messages.beginTurn()
        #expect(messages.count == 0)
        messages.noteKeyUpdate()
        #expect(messages.count == 2)
    }

    @Test("Refused renegotiations count for good")
    func refusals() {
        var messages = IdleMessages()
        for _ in 0..<3 { messages.noteRefusal() }
        messages.endRun()
        messages.beginTurn()
        #expect(messages.count == 3)
        messages.noteKeyUpdate()
        #expect(messages.count == 4)
    }
}
