/// How far a client is served that sends requests before its handshake has ended (RFC 8446 §2.3):
/// what comes then may be a recording that somebody sends again, so that little is served at once.
enum EarlyStage: Sendable {
    /// The handshake has ended, or nothing has come before its end.
    case none
    /// Requests that may be repeated are served.
    case serving
    /// The next request waits, unread, for the end of the handshake.
    case waiting
    /// The connection ends with the handshake: `close_notify` cannot be said before.
    case ending
}
