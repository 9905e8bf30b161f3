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
            let endsStream = header.flags & HTTP2FrameHeader.endStream != 0
            unsafe with(user) { $0.beginSection(header.stream_id, endsStream: endsStream) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _, _, name, nameCount, value, valueCount, _, user in
            // SAFETY: bound: the counts that stand beside them.
            let name = unsafe UnsafeBufferPointer(start: name, count: nameCount).span
            let value = unsafe UnsafeBufferPointer(start: value, count: valueCount).span
            let goesOn = unsafe with(user) { $0.takeField(name, value) }
            return goesOn ?? true ? 0 : NGHTTP2_ERR_PAUSE.rawValue
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
            _, _, stream, bytes, count, user in
            unsafe with(user) { unsafe $0.takePayload(stream, bytes, count) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            guard let frame = unsafe frame else { return 0 }
            unsafe with(user) { unsafe $0.takeFrame(frame) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) {
            _, _, _, user in
            // The library may have found by itself that the stream is to be reset.
            unsafe with(user) { $0.hasResetWaiting = true }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_extension_chunk_recv_callback(callbacks) {
            _, _, bytes, count, user in
            let part = unsafe UnsafeBufferPointer(start: bytes, count: count).span
            unsafe with(user) { $0.takeUpdate(part) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_unpack_extension_callback(callbacks) {
            _, _, _, user in
            unsafe with(user) { $0.endUpdate() }
            return NGHTTP2_ERR_CANCEL.rawValue
        }
        unsafe installSending(callbacks)
    }

    // SAFETY: as above.
    private static func installSending(_ callbacks: OpaquePointer?) {
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) {
            _, stream, code, user in
            unsafe with(user) { $0.noteClosed(stream, HTTP2ErrorCode(received: code)) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, user in
            guard let frame = unsafe frame else { return 0 }
            unsafe with(user) { unsafe $0.noteSent(frame) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) {
            _, frame, _, user in
            guard let header = unsafe frame?.pointee.hd else { return 0 }
            if UInt32(header.type) == NGHTTP2_HEADERS.rawValue {
                let category = unsafe frame?.pointee.headers.cat
                let isRequest = category == NGHTTP2_HCAT_REQUEST
                unsafe with(user) { $0.noteUnsent(header.stream_id, isRequest: isRequest) }
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_send_data_callback(callbacks) {
            _, frame, header, count, _, user in
            guard let stream = unsafe frame?.pointee.hd.stream_id, let header = unsafe header
            else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
            // SAFETY: bound: the library passes the nine bytes of a frame header.
            let bytes = unsafe Span(_unsafeStart: header, count: 9)
            let outcome = unsafe with(user) { $0.writePayload(stream, bytes, count) }
            return outcome ?? NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
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
            guard let answer = unsafe with(user, { $0.askBody(stream, limit: limit) }) else {
                return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
            }
            if let flags = unsafe flags { unsafe flags.pointee |= answer.flags }
            return answer.result
        }
}

/// Calls `body` with the session that the library was given.
// SAFETY: `user` is what `open` passed: a session that lives as long as the library's own; and
// whoever has called into the library holds it.
@discardableResult
private func with<Result>(
    _ user: UnsafeMutableRawPointer?, _ body: (HTTP2Session) -> Result
) -> Result? {
    guard let user = unsafe user else { return nil }
    return unsafe Unmanaged<HTTP2Session>.fromOpaque(user)._withUnsafeGuaranteedRef { body($0) }
}
