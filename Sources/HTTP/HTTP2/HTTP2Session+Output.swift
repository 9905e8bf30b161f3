public import Bytes
internal import CNGHTTP2

extension HTTP2Session {
    /// Writes frames until `limit` bytes wait in `output`, or nothing can be sent.
    ///
    /// One frame may reach beyond the limit. Events are pulled afterwards.
    public func write(
        to output: inout ByteQueue, upTo limit: Int, from source: some HTTP2BodySource
    ) {
        if !sink.isEmpty {
            output.append(sink.bytes)
            sink.removeAll()
        }
        swap(&output, &sink)
        sinkLimit = limit
        self.source = source
        mayAskBodies = true
        pump(upTo: limit)
        mayAskBodies = false
        self.source = nil
        swap(&output, &sink)
        sink.releaseStorageIfEmpty()
    }

    /// Lets the library say what it has to say at once, which is how its faults become known; but
    /// no more than a peer that does not read may make us hold.
    func flush() {
        pump(upTo: HTTP2Session.flushLimit)
    }

    private func pump(upTo limit: Int) {
        while sink.count < limit {
            var bytes: UnsafePointer<UInt8>?
            // SAFETY: the library's bytes live until its next call; they are copied before.
            let count = unsafe nghttp2_session_mem_send(library, &bytes)
            if count < 0 {
                if fault == nil { fault = .failure }
                return
            }
            guard count > 0, let bytes = unsafe bytes else { return }
            append(unsafe Span(_unsafeStart: bytes, count: count))
        }
    }

    /// The first SETTINGS frame says how many streams we allow; see `announce`.
    private func append(_ bytes: Span<UInt8>) {
        guard !hasAnnounced, bytes.count > 9, bytes[3] == HTTP2FrameHeader.Kind.settings.rawValue
        else { return sink.append(bytes) }
        hasAnnounced = true
        sink.append(bytes.extracting(0..<9))
        var start = 9
        while start + 6 <= bytes.count {
            let isStreams =
                bytes[start] == 0
                && bytes[start + 1] == UInt8(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue)
            if isStreams {
                sink.append(bytes.extracting(start..<(start + 2)))
                let value = UInt32(clamping: settings.concurrentStreams)
                for shift in [24, 16, 8, 0] {
                    sink.append(UInt8(truncatingIfNeeded: value >> UInt32(shift)))
                }
            } else {
                sink.append(bytes.extracting(start..<(start + 6)))
            }
            start += 6
        }
    }

    /// What the library's data provider answers.
    func askBody(_ id: Int32, limit: Int) -> (result: Int, flags: UInt32) {
        let later = Int(NGHTTP2_ERR_DEFERRED.rawValue)
        guard mayAskBodies, sink.count < sinkLimit, let source else {
            return (Int(NGHTTP2_ERR_PAUSE.rawValue), 0)
        }
        guard let token = streams.token(of: id) else { return (later, 0) }
        let end = NGHTTP2_DATA_FLAG_EOF.rawValue
        switch source.nextPiece(of: id, token: token, limit: limit) {
        case .bytes(let count, let isLast):
            guard count > 0, count <= limit else { return stop(id, .internalError) }
            let flags = NGHTTP2_DATA_FLAG_NO_COPY.rawValue
            return (count, isLast ? flags | end : flags)
        case .later:
            if let slot = streams.find(id) { streams[slot].isWaiting = true }
            return (later, 0)
        case .end: return (0, end)
        case .trailers: return (0, end | NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue)
        case .failed(let code): return stop(id, code)
        }
    }

    private func stop(_ id: Int32, _ code: HTTP2ErrorCode) -> (result: Int, flags: UInt32) {
        if let slot = streams.find(id), !streams[slot].isReset {
            streams[slot].isReset = true
            streams[slot].isDeaf = true
            submitReset(id, code)
        }
        return (Int(NGHTTP2_ERR_DEFERRED.rawValue), 0)
    }

    /// Writes one DATA frame; the library's answer.
    func writePayload(_ id: Int32, _ header: Span<UInt8>, _ count: Int) -> Int32 {
        guard let source, let token = streams.token(of: id) else {
            return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
        }
        // The queue leaves the session, so that the source may ask the session whatever it likes.
        var output = ByteQueue()
        swap(&output, &sink)
        let waiting = output.count
        if source.sendFrame(of: id, token: token, header: header, count: count, behind: &output) {
            sinkLimit -= header.count + count + waiting
            swap(&output, &sink)
        } else {
            output.append(header)
            source.writePiece(of: id, token: token, count: count, to: &output)
            swap(&output, &sink)
            guard sink.count == waiting + header.count + count else {
                return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
            }
        }
        return sink.count >= sinkLimit ? NGHTTP2_ERR_PAUSE.rawValue : 0
    }

    private static let flushLimit = 16_384
}
