internal import Bytes
internal import CNGHTTP2

extension HTTP2Session {
    /// Takes what the peer sent; the events of the last call must have been pulled.
    ///
    /// - Returns: why the session is over, if it is: GOAWAY is queued, and nothing more is read.
    @discardableResult
    public func receive(_ bytes: Span<UInt8>, milliseconds: Int64) -> HTTP2Fault? {
        if fault != nil || isTerminating { return fault }
        now = milliseconds
        interimBytes = 0
        // SAFETY: owner: the caller; `input` is forgotten before the span ends.
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe input = buffer.baseAddress
            inputCount = buffer.count
        }
        walk(bytes)
        flush()
        if let fault {
            terminate(fault.code)
            flush()
        }
        unsafe input = nil
        inputCount = 0
        return fault
    }

    /// Each frame is judged after the library has seen all before it, and before it sees the frame.
    private func walk(_ bytes: Span<UInt8>) {
        var position = 0
        var fed = 0
        var walker = walker
        defer { self.walker = walker }
        while let frame = walker.next(bytes, &position) {
            feed(fed..<max(fed, position - 9))
            fed = max(fed, position - 9)
            let announces =
                frame.kind == .settings && frame.flags & HTTP2FrameHeader.acknowledge == 0
            // What SETTINGS bring about is told from what came before them and comes behind them;
            // and a stream that was reset is over when the next frame comes, in whatever read.
            if isBehindSettings || announces || hasResetWaiting || (isBehindData && hasAnswers) {
                flush()
            }
            isBehindSettings = announces
            isBehindData = frame.kind == .data
            hasResetWaiting = false
            if fault != nil { return }
            if let problem = guardian.judge(frame, &streams, milliseconds: now) {
                // What the library found wrong before comes first.
                flush()
                if fault == nil { fault = problem }
                return
            }
        }
        feed(fed..<bytes.count)
    }

    /// True exactly when the library has something to say that is no payload, as RST_STREAM.
    private var hasAnswers: Bool {
        // SAFETY: `library` is live as long as this session.
        unsafe nghttp2_session_get_outbound_queue_size(library) > 0
    }

    private func feed(_ range: Range<Int>) {
        guard !range.isEmpty, let input = unsafe input else { return }
        // SAFETY: bound: `range` ends at `inputCount` or before; the library reads only.
        let count = unsafe nghttp2_session_mem_recv(library, input + range.lowerBound, range.count)
        if count >= 0 || fault != nil { return }
        fault =
            switch Int32(count) {
            case NGHTTP2_ERR_BAD_CLIENT_MAGIC.rawValue: .violation(.protocolError)
            case NGHTTP2_ERR_FLOODED.rawValue: .budget(.pings)
            default: .failure
            }
    }

    /// A field section begins.
    func beginSection(_ id: Int32, endsStream: Bool) {
        assemblingStream = id
        guard role == .server || streams.find(id) != nil else { return reader.begin(.ignored) }
        let opening = streams.beginSection(id, endsStream: endsStream, within: settings)
        if opening.isBeyond {
            reader.begin(.ignored)
            return fail(opening.slot, .refusedStream)
        }
        let stream = opening.stream
        if stream.isReset || stream.isDeaf {
            reader.begin(.ignored)
        } else if role == .server {
            reader.begin(opening.isNew ? .request : .trailers)
        } else {
            reader.begin(stream.hasFinalHead ? .trailers : .response)
        }
    }

    /// One field; false exactly when decoding must stop.
    func takeField(_ name: Span<UInt8>, _ value: Span<UInt8>) -> Bool {
        if reader.take(name: name, value: value) { return true }
        if fault == nil { fault = .budget(.fields) }
        return false
    }

    /// Some payload of a stream.
    // SAFETY: `bytes` points into the input of the present `receive`; it is only compared.
    func takePayload(_ id: Int32, _ bytes: UnsafePointer<UInt8>?, _ count: Int) {
        guard let slot = streams.find(id), !streams[slot].isDeaf, !streams[slot].isReset,
            streams[slot].isTold
        else { return drop(count) }
        if awaitsHead(slot) {
            drop(count)
            return fail(slot, .protocolError)
        }
        // RFC 9113 §8.1.1: what was promised is told, so that it does not matter how it was cut.
        let promised = streams[slot].promised
        let told = promised < 0 ? count : Int(clamping: min(promised, Int64(count)))
        if promised >= 0 { streams[slot].promised -= Int64(told) }
        unsafe tellPayload(slot, bytes, told)
        if told < count {
            drop(count - told)
            fail(slot, .protocolError)
        }
    }

    /// True exactly when DATA would come before what it is the content of (RFC 9113 §8.1): behind
    /// an interim response the library lets it through.
    func awaitsHead(_ slot: Int) -> Bool { role == .client && !streams[slot].hasFinalHead }

    // SAFETY: `bytes` is only compared, as above.
    private func tellPayload(_ slot: Int, _ bytes: UnsafePointer<UInt8>?, _ count: Int) {
        guard count > 0 else { return }
        guard let input = unsafe input, let bytes = unsafe bytes else { return }
        let start = unsafe bytes - input
        guard start >= 0, start + count <= inputCount else {
            if fault == nil { fault = .failure }
            return
        }
        let stream = streams[slot]
        events.append(.data(stream: stream.id, token: stream.token, start..<(start + count)))
    }

    /// Nobody wants these bytes: the connection gets its credit back at once.
    private func drop(_ count: Int) {
        // SAFETY: `library` is live as long as this session.
        unsafe nghttp2_session_consume_connection(library, count)
    }

    /// The peer broke a rule, or is refused: its stream ends.
    func fail(_ slot: Int, _ code: HTTP2ErrorCode) {
        guard !streams[slot].isReset else { return }
        noteFailure(slot, code)
        submitReset(streams[slot].id, code)
    }

    /// Tells of the end, and counts it.
    func noteFailure(_ slot: Int, _ code: HTTP2ErrorCode) {
        let stream = streams[slot]
        streams[slot].isReset = true
        streams[slot].isDeaf = true
        if stream.isTold {
            events.append(
                .reset(stream: stream.id, token: stream.token, code, byPeer: false))
        }
        if let problem = guardian.spend(.resets, milliseconds: now), fault == nil {
            fault = problem
        }
    }

    func submitReset(_ id: Int32, _ code: HTTP2ErrorCode) {
        hasResetWaiting = true
        // SAFETY: `library` is live as long as this session.
        unsafe nghttp2_submit_rst_stream(
            library, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, code.rawValue)
    }
}
