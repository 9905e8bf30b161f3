/// What becomes of the early data that a client has offered (RFC 8446 §4.2.10).
public enum EarlyDataFate: Sendable, CaseIterable {
    /// It is taken.
    case accepted
    /// Its ticket has brought early data before: it may be a recording.
    case replayed
    /// It is not taken for any other reason: the ticket is not this process's, is of no use or too
    /// old, the site accepts none, or nothing more can be remembered.
    case refused
}
