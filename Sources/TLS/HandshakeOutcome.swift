/// Where a handshake stands after the bytes that were given to it.
public enum HandshakeOutcome: Equatable, Sendable {
    /// The session is established; `read` goes on with what was not taken.
    case done
    /// The peer has to send more.
    case needsInput
    /// The session is over; the output ends in the alert that says so, where one is due.
    case failed(HandshakeFailure)
}
