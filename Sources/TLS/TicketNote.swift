internal import COpenSSL

/// What is written into each ticket beside the session: which process issued it, and when the first
/// certificate of the client's chain expires.
struct TicketNote: Equatable {
    /// What tells a process from all others: 16 random bytes.
    struct Instance: Equatable, Sendable {
        let high: UInt64
        let low: UInt64

        /// That of a process which accepts no early data.
        static let none = Instance(high: 0, low: 0)
    }

    /// The name of the process, as its `EarlyDataGate` has it.
    var instance = Instance.none
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
            count == TicketNote.wordCount * 8, let start = unsafe start
        else { return nil }
        let (high, low, seconds) = unsafe (
            start.loadUnaligned(as: UInt64.self),
            start.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            start.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
        )
        instance = Instance(high: high, low: low)
        let end = UInt64(bigEndian: seconds)
        expiry = end == .max ? nil : Int64(bitPattern: end)
    }

    /// Writes the note into a session; false where OpenSSL refuses.
    // SAFETY: the caller holds the session during the call; OpenSSL copies the bytes; bound: their
    // count.
    func write(to session: OpaquePointer?) -> Bool {
        let seconds = expiry.map { UInt64(bitPattern: $0) } ?? .max
        let words = (instance.high, instance.low, seconds.bigEndian)
        return unsafe withUnsafeBytes(of: words) {
            unsafe SSL_SESSION_set1_ticket_appdata(session, $0.baseAddress, $0.count) == 1
        }
    }

    /// How many words of 64 bits a note has.
    private static let wordCount = 3
}
