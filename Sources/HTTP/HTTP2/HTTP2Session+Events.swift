internal import Bytes
internal import CNGHTTP2

extension HTTP2Session {
    /// What has happened next; nil where nothing has.
    public func nextEvent() -> HTTP2Event? {
        guard let event = events.next() else { return nil }
        // The token may have been set after the event had been noted.
        guard let stream = event.tokenStream, let token = streams.token(of: stream) else {
            return event
        }
        return event.replacing(token: token)
    }

    /// Gives the head of the request that `nextEvent` has told last, in exchange for `head`.
    public func takeRequest(into head: inout RequestHead) {
        if let section = events.current {
            swap(&head, &section.content.request)
        } else {
            head.reset()
        }
    }

    /// Gives the head of the response that `nextEvent` has told last, in exchange for `head`.
    public func takeResponse(into head: inout ResponseHead) {
        if let section = events.current {
            swap(&head, &section.content.response)
        } else {
            head.reset()
        }
    }

    /// Gives the trailers that `nextEvent` has told last, in exchange for `block`.
    public func takeTrailers(into block: inout FieldBlock) {
        if let section = events.current {
            swap(&block, &section.content.trailers)
        } else {
            block.removeAll()
        }
    }

    /// Names whoever serves a stream; comes back in events and in the calls of the source.
    public func setToken(_ token: Int, of stream: Int32) {
        // The stream may be over, but what is still to be told of it is for the same one.
        if !streams.setToken(token, of: stream) { events.setToken(token, of: stream) }
    }

    /// Gives the peer credit for payload that was told; once for each byte, also on streams that
    /// are over.
    public func consumed(_ count: Int, of stream: Int32) {
        guard count > 0 else { return }
        // SAFETY: `library` is live as long as this session; it knows whether the stream is.
        unsafe nghttp2_session_consume(library, stream, count)
    }
}
