/// What a session tells about the bytes that it was given.
public enum HTTP2Event: Equatable, Sendable {
    /// Server role: a request's field section is complete; `takeRequest` gives it.
    case request(stream: Int32, endsStream: Bool)
    /// Client role: a response's field section is complete, interim or final; `takeResponse` gives
    /// it.
    case response(stream: Int32, token: Int, endsStream: Bool)
    /// Payload: a range of the bytes that `receive` was given last.
    case data(stream: Int32, token: Int, Range<Int>)
    /// The peer has said all on this stream; `takeTrailers` gives the trailers, if there are any.
    ///
    /// Not told where the head already had ended the stream.
    case end(stream: Int32, token: Int, hasTrailers: Bool)
    /// The stream is over before both sides had ended it; nothing more is told of it.
    ///
    /// Not told of a stream whose request was never told, nor of one that `reset` ended.
    case reset(stream: Int32, token: Int, HTTP2ErrorCode, byPeer: Bool)
    /// A request that breaks a rule and still deserves a status: it waits for a response; its
    /// payload and its end are not told.
    case refused(stream: Int32, HTTPFault)
    /// The peer takes no streams beyond the one named, and will close.
    case goAway(lastStream: Int32, HTTP2ErrorCode)
    /// The peer's SETTINGS have come.
    case settings
}

extension HTTP2Event {
    /// The stream that has a token in this event.
    var tokenStream: Int32? {
        switch self {
        case .response(let stream, _, _), .data(let stream, _, _), .end(let stream, _, _),
            .reset(let stream, _, _, _):
            stream
        case .request, .refused, .goAway, .settings: nil
        }
    }

    /// The same event with another token.
    func replacing(token: Int) -> HTTP2Event {
        switch self {
        case .response(let stream, _, let endsStream):
            .response(stream: stream, token: token, endsStream: endsStream)
        case .data(let stream, _, let range): .data(stream: stream, token: token, range)
        case .end(let stream, _, let hasTrailers):
            .end(stream: stream, token: token, hasTrailers: hasTrailers)
        case .reset(let stream, _, let code, let byPeer):
            .reset(stream: stream, token: token, code, byPeer: byPeer)
        case .request, .refused, .goAway, .settings: self
        }
    }
}
