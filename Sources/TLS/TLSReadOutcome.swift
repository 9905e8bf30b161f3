/// What reading came to.
public enum TLSReadOutcome: Equatable, Sendable {
    /// So many bytes of plaintext were appended, and the peer may send more.
    case bytes(Int)
    /// The peer said `close_notify` (RFC 8446 §6.1), after so many bytes of plaintext.
    case closed(Int)
    /// The peer broke the protocol or sent a fatal alert; the output ends in our alert, where one
    /// is due.
    case failed
}
