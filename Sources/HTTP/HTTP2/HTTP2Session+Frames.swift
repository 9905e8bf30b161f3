internal import Bytes
internal import CNGHTTP2

/// What follows from frames that have come whole, and from those that have gone.
extension HTTP2Session {
    // SAFETY: `frame` lives as long as the call; the member that is read is the one of its type.
    func takeFrame(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = unsafe frame.pointee.hd
        let endsStream = header.flags & HTTP2FrameHeader.endStream != 0
        switch HTTP2FrameHeader.Kind(rawValue: header.type) {
        case .headers: endSection(header.stream_id, endsStream: endsStream)
        case .data:
            let payload = unsafe header.length - frame.pointee.data.padlen
            endData(header.stream_id, isEmpty: payload == 0, endsStream: endsStream)
        case .resetStream:
            let code = unsafe frame.pointee.rst_stream.error_code
            endByPeer(header.stream_id, HTTP2ErrorCode(received: code))
        case .settings:
            if header.flags & HTTP2FrameHeader.acknowledge != 0 {
                unacknowledged -= 1
            } else {
                events.append(.settings)
            }
        case .goAway:
            let goAway = unsafe frame.pointee.goaway
            events.append(
                .goAway(
                    lastStream: unsafe goAway.last_stream_id,
                    HTTP2ErrorCode(received: unsafe goAway.error_code)))
        default: break
        }
    }

    private func endData(_ id: Int32, isEmpty: Bool, endsStream: Bool) {
        if isEmpty, !endsStream, let problem = guardian.spend(.emptyData, milliseconds: now) {
            if fault == nil { fault = problem }
        }
        guard endsStream, let slot = streams.find(id) else { return }
        streams[slot].peerEnded = true
        if streams[slot].isReset || streams[slot].isDeaf || !streams[slot].isTold { return }
        if streams[slot].promised > 0 || awaitsHead(slot) { return fail(slot, .protocolError) }
        events.append(.end(stream: id, token: streams[slot].token, hasTrailers: false))
    }

    private func endByPeer(_ id: Int32, _ code: HTTP2ErrorCode) {
        guard let slot = streams.find(id) else { return }
        let stream = streams[slot]
        streams[slot].isResetByPeer = true
        if stream.isTold, !stream.isReset {
            events.append(.reset(stream: id, token: stream.token, code, byPeer: true))
        }
        streams[slot].isReset = true
    }

    /// A stream is over.
    func noteClosed(_ id: Int32, _ code: HTTP2ErrorCode) {
        guard let stream = streams.close(id) else { return }
        if stream.isTold, !stream.isReset, !(stream.peerEnded && stream.weEnded) {
            // The peer's GOAWAY says that it never looked at this stream.
            events.append(.reset(stream: id, token: stream.token, code, byPeer: true))
        }
    }

    // SAFETY: `frame` lives as long as the call; the member that is read is the one of its type.
    func noteSent(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = unsafe frame.pointee.hd
        let endsStream = header.flags & HTTP2FrameHeader.endStream != 0
        switch HTTP2FrameHeader.Kind(rawValue: header.type) {
        case .headers: if endsStream { noteEndSent(header.stream_id) }
        case .data:
            guardian.noteDataSent(header.length)
            if endsStream { noteEndSent(header.stream_id) }
        case .resetStream:
            // The library found something by itself, as a window that the peer overran.
            let code = HTTP2ErrorCode(received: unsafe frame.pointee.rst_stream.error_code)
            noteOwnReset(header.stream_id, code)
        case .settings:
            if header.flags & HTTP2FrameHeader.acknowledge == 0 { unacknowledged += 1 }
        case .goAway:
            let code = HTTP2ErrorCode(received: unsafe frame.pointee.goaway.error_code)
            if role == .server { streams.lastServed = unsafe frame.pointee.goaway.last_stream_id }
            if code != .noError, fault == nil, !isTerminating { fault = .violation(code) }
        default: break
        }
    }

    private func noteOwnReset(_ id: Int32, _ code: HTTP2ErrorCode) {
        guard let slot = streams.find(id), !streams[slot].isReset else { return }
        noteFailure(slot, code)
        // RFC 9113 §6.9.2: a setting that lifts a window too high is more than the stream's error.
        if code == .flowControlError, isBehindSettings, fault == nil { fault = .violation(code) }
    }

    private func noteEndSent(_ id: Int32) {
        if streams.endSent(id) { submitReset(id, .noError) }
    }

    /// A field section of ours could not be sent, as one that is too large.
    func noteUnsent(_ id: Int32, isRequest: Bool) {
        if isRequest { return noteUnsentRequest(id) }
        // Behind GOAWAY nothing is sent, and that is nobody's fault.
        guard fault == nil, !isTerminating, let slot = streams.find(id), !streams[slot].isReset
        else { return }
        let stream = streams[slot]
        streams[slot].isReset = true
        streams[slot].isDeaf = true
        events.append(
            .reset(stream: id, token: stream.token, .internalError, byPeer: false))
        submitReset(id, .internalError)
    }

    /// A request of ours did not leave, as when the peer has said goodbye: nobody has heard of its
    /// stream, so that it must not be reset either (RFC 9113 §5.1).
    private func noteUnsentRequest(_ id: Int32) {
        guard let slot = streams.find(id) else { return }
        let stream = streams[slot]
        if !stream.isReset {
            events.append(.reset(stream: id, token: stream.token, .refusedStream, byPeer: false))
        }
        streams.close(slot, .ended)
    }
}
