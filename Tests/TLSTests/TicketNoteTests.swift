import COpenSSL
import Testing

@testable import TLS

struct TicketNoteTests {
    private func roundTrip(_ note: TicketNote) throws -> TicketNote? {
        let made = unsafe SSL_SESSION_new()
        let session = unsafe try #require(made)
        // SAFETY: the session is ours.
        defer { unsafe SSL_SESSION_free(session) }
        #expect(unsafe TicketNote(of: session) == nil)
        #expect(unsafe note.write(to: session))
        return unsafe TicketNote(of: session)
    }

    @Test(
        "What is written is read", arguments: [nil, 0, 1, 1_795_219_200, Int64.max] as [Int64?])
    func expiry(seconds: Int64?) throws {
        var note = TicketNote()
        note.expiry = seconds
        #expect(try roundTrip(note) == note)
        note.instance = TicketNote.Instance(high: 1, low: 2)
        #expect(try roundTrip(note) == note)
    }
}
