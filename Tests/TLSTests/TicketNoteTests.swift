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

    /// Hosts that share their keys read each other's notes.
    @Test("Sixteen bytes of the issuer stand before the seconds", arguments: [23, 24, 25])
    func layout(count: Int) throws {
        let seconds: [UInt8] = [0, 0, 0, 0, 0x6b, 0, 0x12, 0x34]
        let bytes = Array((Array(1...16) + seconds + [0]).prefix(count))
        let made = unsafe SSL_SESSION_new()
        let session = unsafe try #require(made)
        // SAFETY: the session is ours; OpenSSL copies the bytes.
        defer { unsafe SSL_SESSION_free(session) }
        let isSet = unsafe SSL_SESSION_set1_ticket_appdata(session, bytes, bytes.count)
        #expect(isSet == 1)
        let note = unsafe TicketNote(of: session)
        guard count == 24 else {
            #expect(note == nil)
            return
        }
        #expect(note?.expiry == 0x6b00_1234)
        #expect(note?.instance.high == UInt64(bigEndian: 0x0102_0304_0506_0708))
        #expect(note?.instance.low == UInt64(bigEndian: 0x090a_0b0c_0d0e_0f10))
    }
}
