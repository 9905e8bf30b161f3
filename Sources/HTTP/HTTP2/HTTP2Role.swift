/// Which end of an HTTP/2 connection a session speaks for.
public enum HTTP2Role: Sendable {
    /// Requests come in, responses go out.
    case server
    /// Requests go out, responses come in.
    case client
}
