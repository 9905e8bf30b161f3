internal import CNGHTTP2

extension HTTP2Session {
    /// Makes the library's session and queues our SETTINGS.
    func open() throws(HTTP2Fault) {
        var callbacks: OpaquePointer?
        var options: OpaquePointer?
        defer {
            // SAFETY: owner: this function; the library copied what it needs.
            unsafe nghttp2_session_callbacks_del(callbacks)
            unsafe nghttp2_option_del(options)
        }
        // SAFETY: owner: this function, of both; the session is closed in `deinit`.
        guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0, unsafe callbacks != nil,
            unsafe nghttp2_option_new(&options) == 0, unsafe options != nil
        else { throw .failure }
        unsafe HTTP2Session.install(callbacks)
        unsafe choose(options)
        // SAFETY: the library keeps this address; lifetime: the session ends in `deinit`.
        let address = unsafe Unmanaged.passUnretained(self).toOpaque()
        var opened: OpaquePointer?
        let status =
            role == .server
            ? unsafe nghttp2_session_server_new2(&opened, callbacks, address, options)
            : unsafe nghttp2_session_client_new2(&opened, callbacks, address, options)
        unsafe library = opened
        guard status == 0, announce() else { throw .failure }
    }

    // SAFETY: `options` is a live option object of the caller.
    private func choose(_ options: OpaquePointer?) {
        unsafe nghttp2_option_set_no_auto_window_update(options, 1)
        // The rules of HTTP are ours, so that there is one set of them.
        unsafe nghttp2_option_set_no_http_messaging(options, 1)
        unsafe nghttp2_option_set_no_closed_streams(options, 1)
        unsafe nghttp2_option_set_max_deflate_dynamic_table_size(
            options, settings.encoderTableBytes)
        unsafe nghttp2_option_set_max_send_header_block_length(
            options, max(262_144, 4 * max(limits.headBytes, sentHeadBytes)))
        // The library counts the calls that bring CONTINUATION, not the frames; ours counts frames.
        unsafe nghttp2_option_set_max_continuations(options, Int(Int32.max))
        // Ours is the stricter one, and needs no clock.
        unsafe nghttp2_option_set_stream_reset_rate_limit(options, 1 << 40, 1 << 40)
        if role == .server {
            // The library opens streams for PRIORITY_UPDATE; ours remembers a few wishes.
            unsafe nghttp2_option_set_user_recv_extension_type(
                options, UInt8(NGHTTP2_PRIORITY_UPDATE.rawValue))
        }
    }

    private func announce() -> Bool {
        var entries: [nghttp2_settings_entry] = []
        func add(_ identifier: nghttp2_settings_id, _ value: Int) {
            entries.append(
                nghttp2_settings_entry(
                    settings_id: Int32(identifier.rawValue), value: UInt32(clamping: value)))
        }
        if role == .server {
            // The library would end the connection over a stream too many; `write` says the number
            // that we hold the peer to, stream by stream.
            add(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, Int(Int32.max))
            if settings.allowsExtendedConnect {
                add(NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1)
            }
            add(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1)
        } else {
            add(NGHTTP2_SETTINGS_ENABLE_PUSH, 0)
        }
        add(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, settings.streamWindow)
        add(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, settings.headerListBytes)
        if settings.headerTableBytes != 4096 {
            add(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, settings.headerTableBytes)
        }
        if settings.frameBytes != 16_384 {
            add(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, settings.frameBytes)
        }
        // SAFETY: bound: `entries.count`; the library copies the entries.
        let status = unsafe entries.withUnsafeBufferPointer { list in
            unsafe nghttp2_submit_settings(
                library, UInt8(NGHTTP2_FLAG_NONE.rawValue), list.baseAddress, list.count)
        }
        guard status == 0 else { return false }
        guard settings.connectionWindow > 65_535 else { return true }
        return unsafe nghttp2_session_set_local_window_size(
            library, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0,
            Int32(clamping: settings.connectionWindow)) == 0
    }
}
