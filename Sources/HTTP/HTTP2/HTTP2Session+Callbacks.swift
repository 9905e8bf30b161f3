internal import Bytes
internal import CNGHTTP2

/// What the library calls; each hands over to a method, which never fails.
extension HTTP2Session {
    // SAFETY: `callbacks` is a live object of the caller; frames and bytes that the library passes
    // live as long as the call.
    static func install(_ callbacks: OpaquePointer?) {
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) {
            _, frame, user in
            guard let header = unsafe frame?.pointee.hd else { return 0 }
            unsafe session(user)?.beginSection(
                header.stream_id, endsStream: header.flags & HTTP2FrameHeader.endStream != 0)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, _, name, nameCount, value, valueCount, _, user in
            // SAFETY: bound: the counts that stand beside them.
            let name = unsafe UnsafeBufferPointer(start: name, count: nameCount).span
            let value = unsafe UnsafeBufferPointer(start: value, count: valueCount).span
            let goesOn = unsafe session(user)?.takeField(name, value) ?? true
            return goesOn ? 0 : NGHTTP2_ERR_PAUSE.rawValue
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _, _, stream, bytes, count, user in
            unsafe session(user)?.takePayload(stream, bytes, count)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            guard let frame = unsafe frame, let owner = unsafe session(user) else { return 0 }
            unsafe owner.takeFrame(frame)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_extension_chunk_recv_callback(callbacks) {
            _, _, bytes, count, user in
            let part = unsafe UnsafeBufferPointer(start: bytes, count: count).span
            unsafe session(user)?.takeUpdate(part)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_unpack_extension_callback(callbacks) {
            _, _, _, user in
            unsafe session(user)?.endUpdate()
            return NGHTTP2_ERR_CANCEL.rawValue
        }
        unsafe installSending(callbacks)
    }

    // SAFETY: as above.
    private static func installSending(_ callbacks: OpaquePointer?) {
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
            _, stream, code, user in
            unsafe session(user)?.noteClosed(stream, HTTP2ErrorCode(received: code))
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, user in
            guard let frame = unsafe frame, let owner = unsafe session(user) else { return 0 }
            unsafe owner.noteSent(frame)
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) {
            _, frame, _, user in
            guard let header = unsafe frame?.pointee.hd else { return 0 }
            if UInt32(header.type) == NGHTTP2_HEADERS.rawValue {
                let category = unsafe frame?.pointee.headers.cat
                unsafe session(user)?.noteUnsent(
                    header.stream_id, isRequest: category == NGHTTP2_HCAT_REQUEST)
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) {
            _, frame, header, count, _, user in
            guard let stream = unsafe frame?.pointee.hd.stream_id, let header = unsafe header,
                let owner = unsafe session(user)
            else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
            // SAFETY: bound: the library passes the nine bytes of a frame header.
            let bytes = unsafe Span(_unsafeStart: header, count: 9)
            return owner.writePayload(stream, bytes, count)
        }
    }

    /// Asks the source for a piece; what the library's data provider calls.
    // SAFETY: `flags` lives as long as the call.
    static let readBody:
        @convention(c) (
            OpaquePointer?, Int32, UnsafeMutablePointer<UInt8>?, Int,
            UnsafeMutablePointer<UInt32>?, UnsafeMutablePointer<nghttp2_data_source>?,
            UnsafeMutableRawPointer?
        ) -> Int = { _, stream, _, limit, flags, _, user in
            guard let owner = unsafe session(user) else {
                return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
            }
            let answer = owner.askBody(stream, limit: limit)
            if let flags = unsafe flags { unsafe flags.pointee |= answer.flags }
            return answer.result
        }
}

// SAFETY: `user` is what `open` passed: a session that lives as long as the library's own.
private func session(_ user: UnsafeMutableRawPointer?) -> HTTP2Session? {
    unsafe user.map { unsafe Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
}
