internal import Bytes
internal import CNGHTTP2

/// What a session says about itself and its peer.
extension HTTP2Session {
    /// True exactly when `write` would find something to say.
    public var wantsWrite: Bool {
        // SAFETY: `library` is live as long as this session.
        if !sink.isEmpty { return true }
        return unsafe fault != .failure && nghttp2_session_want_write(library) != 0
    }

    /// True exactly when nothing is left to read or to write.
    public var isOver: Bool {
        // SAFETY: `library` is live as long as this session.
        unsafe (fault != nil || nghttp2_session_want_read(library) == 0) && !wantsWrite
    }

    /// How many streams are open.
    public var openStreams: Int { streams.count }

    /// How many streams the peer lets us open at once.
    public var peerConcurrentStreams: Int {
        // SAFETY: `library` is live as long as this session.
        Int(
            unsafe nghttp2_session_get_remote_settings(
                library, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
    }

    /// True exactly when the peer takes a message of this size, by what it has said so far: a
    /// larger one may make it end the connection (RFC 9113 §10.5.1).
    public func takes(_ message: borrowing HTTP2Message) -> Bool {
        // SAFETY: `library` is live as long as this session.
        let limit = unsafe nghttp2_session_get_remote_settings(
            library, NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE)
        return message.listBytes <= Int(limit)
    }

    /// True exactly when the peer takes extended CONNECT (RFC 8441 §3).
    public var peerAllowsExtendedConnect: Bool {
        // SAFETY: `library` is live as long as this session.
        unsafe nghttp2_session_get_remote_settings(
            library, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1
    }

    /// True exactly when a stream's body is asked for more as soon as the peer has room, and the
    /// stream's turn comes.
    public func isToBeAsked(_ stream: Int32) -> Bool {
        guard let slot = streams.find(stream) else { return false }
        return streams[slot].hasBody && !streams[slot].isWaiting && !streams[slot].isReset
    }

    /// True exactly when a stream's body waits for the peer's window alone, its own or the
    /// connection's.
    public func isStalled(_ stream: Int32) -> Bool {
        guard isToBeAsked(stream) else { return false }
        // SAFETY: `library` is live as long as this session.
        return unsafe nghttp2_session_get_remote_window_size(library) <= 0
            || nghttp2_session_get_stream_remote_window_size(library, stream) <= 0
    }

    /// True exactly when a field section has begun and not ended: a peer that is slow about it
    /// holds up the whole connection.
    public var isHeaderBlockOpen: Bool { guardian.isSectionOpen || walker.awaitsSection }

    /// True exactly when the peer owes us the acknowledgement of SETTINGS (RFC 9113 §6.5.3).
    public var awaitsSettingsAck: Bool { unacknowledged > 0 }

    /// Announces the end: the peer is asked to open no more streams, and those under way are still
    /// taken (RFC 9113 §6.8).
    public func beginShutdown() {
        // SAFETY: `library` is live as long as this session.
        if role == .server { unsafe nghttp2_submit_shutdown_notice(library) }
    }

    /// Takes no more streams; those that are open go on to their end.
    public func finishShutdown() {
        // SAFETY: `library` is live as long as this session; no opaque bytes are passed.
        let last = unsafe nghttp2_session_get_last_proc_stream_id(library)
        unsafe nghttp2_submit_goaway(
            library, UInt8(NGHTTP2_FLAG_NONE.rawValue), last,
            HTTP2ErrorCode.noError.rawValue, nil, 0)
    }

    /// Ends the connection; nothing more is read.
    public func terminate(_ code: HTTP2ErrorCode) {
        isTerminating = true
        // SAFETY: `library` is live as long as this session.
        unsafe nghttp2_session_terminate_session(library, code.rawValue)
    }

    /// Asks the peer for a sign of life.
    public func ping() {
        // SAFETY: `library` is live as long as this session; no opaque bytes are passed.
        unsafe nghttp2_submit_ping(library, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
    }
}
