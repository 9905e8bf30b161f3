internal import CNGHTTP2

/// Messages that go out.
extension HTTP2Session {
    /// Sends an interim response (RFC 9110 §15.2); false where the stream is over.
    public func submitInterim(_ message: borrowing HTTP2Message, _ stream: Int32) -> Bool {
        guard let slot = streams.find(stream), !streams[slot].isReset else { return false }
        let library = unsafe library
        // SAFETY: the library copies the fields in this call.
        return unsafe message.withPairs { pairs, count in
            unsafe nghttp2_submit_headers(
                library, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, nil, pairs, count, nil)
        } == 0
    }

    /// Sends a response; its body comes from the source, unless it ends the stream. False where the
    /// stream is over.
    public func submitResponse(
        _ message: borrowing HTTP2Message, _ stream: Int32, endsStream: Bool
    ) -> Bool {
        // RFC 9218 §8: who made the response knows better than who asked for it.
        let priority = role == .server ? message.priority : nil
        let isOpen = streams.answer(stream, hasBody: !endsStream, hasPriority: priority != nil)
        guard isOpen else { return false }
        if let priority { schedule(stream, priority) }
        let library = unsafe library
        // SAFETY: the library copies fields and provider in this call.
        return unsafe message.withPairs { pairs, count in
            unsafe withUnsafePointer(to: HTTP2Session.provider) { provider in
                unsafe nghttp2_submit_response(
                    library, stream, pairs, count, endsStream ? nil : provider)
            }
        } == 0
    }

    /// Client role: sends a request; nil where no stream can be opened now.
    public func submitRequest(
        _ message: borrowing HTTP2Message, endsStream: Bool
    ) -> Int32? {
        guard role == .client, fault == nil, streams.count < peerConcurrentStreams,
            unsafe nghttp2_session_check_request_allowed(library) != 0
        else { return nil }
        let library = unsafe library
        // SAFETY: the library copies fields and provider in this call.
        let id = unsafe message.withPairs { pairs, count in
            unsafe withUnsafePointer(to: HTTP2Session.provider) { provider in
                unsafe nghttp2_submit_request(
                    library, nil, pairs, count, endsStream ? nil : provider, nil)
            }
        }
        guard id > 0 else { return nil }
        streams.noteUsed(id)
        let slot = streams.open(id)
        streams[slot].isTold = true
        streams[slot].hasBody = !endsStream
        streams[slot].asksHead = message.asksHead
        return id
    }

    /// Sends a trailer section; from inside `nextPiece`, which then answers `.trailers`.
    public func submitTrailers(_ message: borrowing HTTP2Message, _ stream: Int32) {
        let library = unsafe library
        // SAFETY: the library copies the fields in this call.
        _ = unsafe message.withPairs { pairs, count in
            unsafe nghttp2_submit_trailer(library, stream, pairs, count)
        }
    }

    /// A stream's body has more, or has ended.
    public func resume(_ stream: Int32) {
        // SAFETY: `library` is live as long as this session.
        if streams.resume(stream) { unsafe nghttp2_session_resume_data(library, stream) }
    }

    /// Ends a stream; nothing more is told of it.
    ///
    /// With `.noError` on a stream that was answered, only the peer's side is ended, once the
    /// answer is sent (RFC 9113 §8.1).
    ///
    /// - Returns: true exactly when the peer is told now.
    @discardableResult
    public func reset(_ stream: Int32, _ code: HTTP2ErrorCode) -> Bool {
        guard let slot = streams.find(stream), !streams[slot].isReset else { return false }
        streams[slot].isDeaf = true
        if code == .noError, streams[slot].isAnswered, !streams[slot].weEnded {
            streams[slot].stopsBehindEnd = true
            return false
        }
        streams[slot].isReset = true
        submitReset(stream, code)
        return true
    }

    // SAFETY: the pointer in it is never followed.
    private static var provider: nghttp2_data_provider {
        unsafe nghttp2_data_provider(
            source: nghttp2_data_source(ptr: nil), read_callback: readBody)
    }
}
