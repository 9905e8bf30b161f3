internal import COpenSSL

/// What is written into each ticket beside the session: which process issued it, and when the first
/// certificate of the client's chain expires.
struct TicketNote: Equatable {
    /// The name of the process, as its `EarlyDataGate` has it; zeros where it accepts no early
    /// data.
    var instance = [UInt8](repeating: 0, count: instanceCount)
    /// In seconds since 1970; nil where the client has shown no certificate.
    var expiry: Int64?

    /// Makes an empty note.
    init() {}

    /// Reads the note of a session; nil where it has none.
    // SAFETY: the caller holds the session during the call.
    init?(of session: OpaquePointer?) {
        var start: UnsafeMutableRawPointer?
        var count = 0
        // SAFETY: lifetime: the bytes belong to the session; bound: the count is looked at.
        guard unsafe SSL_SESSION_get0_ticket_appdata(session, &start, &count) == 1,
            count == TicketNote.instanceCount + 8, let start = unsafe start
        else { return nil }
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: start, count: count))
        instance = Array(bytes.prefix(TicketNote.instanceCount))
        let seconds = bytes.dropFirst(TicketNote.instanceCount).reduce(0) { $0 << 8 | UInt64($1) }
        expiry = seconds == .max ? nil : Int64(bitPattern: seconds)
    }

    /// Writes the note into a session; false where OpenSSL refuses.
    // SAFETY: the caller holds the session during the call; OpenSSL copies the bytes; bound: their
    // count.
    func write(to session: OpaquePointer?) -> Bool {
        let seconds = expiry.map { UInt64(bitPattern: $0) } ?? .max
        let bytes = instance + (0..<8).map { UInt8(truncatingIfNeeded: seconds >> (56 - 8 * $0)) }
        return unsafe SSL_SESSION_set1_ticket_appdata(session, bytes, bytes.count) == 1
    }

    /// How many bytes name a process.
    static let instanceCount = 16
}
