internal import Bytes
internal import CNGHTTP2

extension HTTP2Session {
    /// What has happened next; nil where nothing has.
    public func nextEvent() -> HTTP2Event? {
        if let section = current {
            current = nil
            recycle(section)
        }
        guard nextIndex < events.count else {
            // One read may bring thousands; a connection that rests keeps no room for them.
            let isKept = events.count <= HTTP2Session.keptEvents
            events.removeAll(keepingCapacity: isKept)
            sections.removeAll(keepingCapacity: isKept)
            nextIndex = 0
            nextSection = 0
            return nil
        }
        var event = events[nextIndex]
        nextIndex += 1
        // The token may have been set after the event had been noted.
        if let stream = event.tokenStream, let slot = streams.find(stream) {
            event = event.replacing(token: streams[slot].token)
        }
        switch event {
        case .request, .response, .end(_, _, hasTrailers: true):
            current = sections[nextSection]
            nextSection += 1
        default: break
        }
        return event
    }

    /// Gives the head of the request that `nextEvent` has told last, in exchange for `head`.
    public func takeRequest(into head: inout RequestHead) {
        if let current { swap(&head, &current.request) } else { head.reset() }
    }

    /// Gives the head of the response that `nextEvent` has told last, in exchange for `head`.
    public func takeResponse(into head: inout ResponseHead) {
        if let current { swap(&head, &current.response) } else { head.reset() }
    }

    /// Gives the trailers that `nextEvent` has told last, in exchange for `block`.
    public func takeTrailers(into block: inout FieldBlock) {
        if let current { swap(&block, &current.trailers) } else { block.removeAll() }
    }

    /// Names whoever serves a stream; comes back in events and in the calls of the source.
    public func setToken(_ token: Int, of stream: Int32) {
        if let slot = streams.find(stream) {
            streams[slot].token = token
            return
        }
        // The stream is over, but what is still to be told of it is for the same one.
        for index in nextIndex..<events.count where events[index].tokenStream == stream {
            events[index] = events[index].replacing(token: token)
        }
    }

    /// Gives the peer credit for payload that was told; once for each byte, also on streams that
    /// are over.
    public func consumed(_ count: Int, of stream: Int32) {
        guard count > 0 else { return }
        // SAFETY: `library` is live as long as this session; it knows whether the stream is.
        unsafe nghttp2_session_consume(library, stream, count)
    }

    /// For how many events room is kept.
    static let keptEvents = 128
}
