/// What a body has to say when the session may send some of it.
public enum HTTP2Piece: Equatable, Sendable {
    /// So many bytes, at least one; after the last ones the stream is ended.
    case bytes(Int, isLast: Bool)
    /// Nothing yet: `resume` asks again.
    case later
    /// The body has ended, without trailers.
    case end
    /// The body has ended, and `submitTrailers` was called.
    case trailers
    /// The body cannot go on: the stream is reset.
    case failed(HTTP2ErrorCode)
}
