internal import Bytes
internal import HTTP

/// How far a request's body has been taken by the session of a shared connection.
struct RequestIntake: Sendable {
    /// HTTP/1.1: how many bytes at the begin of the client's input are payload.
    var ready = 0
    /// HTTP/1.1: true exactly when the framing has come to its end.
    var isDecoded = false
    /// How many bytes were taken since that was last looked at.
    var taken = 0
    /// True exactly when the session has taken the end.
    var isComplete = false
    /// What is wrong with the body.
    var fault: ProxyError?
}

/// Bodies of exchanges whose request is a stream of a shared connection.
extension Exchange {
    /// Says what of the request may be sent next, at most `limit` bytes.
    func nextRequestPiece(limit: Int) -> HTTP2Piece {
        guard link == nil else { return nextQueuedPiece(limit: limit) }
        if asksForTunnel { return nextTunnelPiece(limit: limit) }
        if replay.remaining > 0 { return nextReplayedPiece(limit: limit) }
        decodeRequest()
        if intake.ready > 0 {
            let count = min(limit, intake.ready)
            return .bytes(count, isLast: count == intake.ready && requestBody.isComplete)
        }
        return intake.isDecoded ? endOfRequest() : .later
    }

    /// What a server before this one was sent.
    private func nextReplayedPiece(limit: Int) -> HTTP2Piece {
        let count = min(limit, replay.remaining)
        return .bytes(count, isLast: count == replay.remaining && endsWithReplay)
    }

    /// True exactly when nothing of the request comes behind what is sent again.
    private var endsWithReplay: Bool { machine.isRequestComplete && requestTrailers.count == 0 }

    private func nextQueuedPiece(limit: Int) -> HTTP2Piece {
        if replay.remaining > 0 { return nextReplayedPiece(limit: limit) }
        if !requestQueue.isEmpty {
            let count = min(limit, requestQueue.count)
            return .bytes(count, isLast: count == requestQueue.count && endsWithQueue)
        }
        return hasRequestEnded ? endOfRequest() : .later
    }

    /// What an HTTP/1.1 client sends into a tunnel: nothing before the tunnel is there.
    private func nextTunnelPiece(limit: Int) -> HTTP2Piece {
        guard machine.state == .tunnelling, let downstream else { return .later }
        if !downstream.inbound.isEmpty {
            return .bytes(min(limit, downstream.inbound.count), isLast: false)
        }
        guard downstream.isPeerDone else { return .later }
        intake.isComplete = true
        return .end
    }

    private func endOfRequest() -> HTTP2Piece {
        intake.isComplete = true
        return requestTrailers.count > 0 ? .trailers : .end
    }

    private var endsWithQueue: Bool { hasRequestEnded && requestTrailers.count == 0 }

    /// Writes what `nextRequestPiece` has offered; an HTTP/2 client's window opens as far.
    func writeRequestPiece(_ count: Int, to output: inout ByteQueue) {
        intake.taken += count
        if replay.remaining > 0 {
            replay.take(count, to: &output)
            if replay.remaining == 0, endsWithReplay { intake.isComplete = true }
            return
        }
        guard let link else {
            guard let downstream else { return }
            Exchange.copy(0..<count, of: downstream.inbound, to: &output)
            if asksForTunnel {
                downstream.inbound.removeFirst(count)
                bytesIn += count
                return
            }
            keep(0..<count, of: downstream.inbound)
            downstream.inbound.removeFirst(count)
            intake.ready -= count
            guard intake.ready == 0, requestBody.isComplete else { return }
            intake.isDecoded = true
            intake.isComplete = true
            return
        }
        Exchange.copy(0..<count, of: requestQueue, to: &output)
        if machine.state != .tunnelling { keep(requestQueue.bytes(in: 0..<count)) }
        requestQueue.removeFirst(count)
        link.session.consumed(count, of: stream)
        if requestQueue.isEmpty, endsWithQueue { intake.isComplete = true }
    }

    /// Keeps a part of the request's body that a server is sent, as long as all of it is kept.
    func keep(_ range: Range<Int>, of input: borrowing ByteQueue) {
        keep(input.bytes(in: range))
    }

    /// The same for bytes as they lie.
    func keep(_ bytes: Span<UInt8>) {
        guard !replay.keep(bytes) else { return }
        _ = handle(.requestBytesConsumed)
    }

    /// HTTP/1.1: walks the framing of the request up to the next payload, the end, or the end of
    /// what has come.
    func decodeRequest() {
        guard intake.ready == 0, !intake.isDecoded, intake.fault == nil, let downstream else {
            return
        }
        switch stepRequestBody(downstream.inbound.bytes) {
        case .bytes(let range):
            downstream.inbound.removeFirst(range.lowerBound)
            bytesIn += range.count
            if let limit = requestBodyLimit, bytesIn > limit {
                intake.fault = ProxyError(.bodyTooLarge)
            } else {
                intake.ready = range.count
            }
        case .needsMore(let consumed):
            downstream.inbound.removeFirst(consumed)
        case .end(let consumed):
            downstream.inbound.removeFirst(consumed)
            if let fault = settleTrailers() {
                intake.fault = ProxyError(.badRequest(fault))
            } else {
                intake.isDecoded = true
            }
        case .failed(let fault):
            intake.fault = ProxyError(.badRequest(fault))
        }
    }

    /// True exactly when something of the request's body waits for the server.
    var hasRequestWaiting: Bool {
        intake.ready > 0 || !requestQueue.isEmpty || replay.remaining > 0
    }

    /// Says what of the response an HTTP/2 client may be sent next.
    func nextSharedPiece(limit: Int) -> HTTP2Piece {
        guard bodyEnd == .none else { return .later }
        let endsHere = responseTrailers.count == 0
        if !responseQueue.isEmpty {
            let count = min(limit, responseQueue.count)
            let isAll = count == responseQueue.count
            return .bytes(count, isLast: isAll && hasResponseEnded && endsHere)
        }
        guard hasResponseEnded else { return .later }
        bodyEnd = .complete
        return endsHere ? .end : .trailers
    }

    /// Writes what `nextSharedPiece` has offered; the server's window opens as far.
    func writeSharedPiece(_ count: Int, to output: inout ByteQueue) {
        Exchange.copy(0..<count, of: responseQueue, to: &output)
        takeResponse(count)
        if responseQueue.isEmpty, hasResponseEnded, responseTrailers.count == 0 {
            bodyEnd = .complete
        }
    }

    /// Forgets bytes of the response that the client has taken.
    func takeResponse(_ count: Int) {
        responseQueue.removeFirst(count)
        carrier?.link?.session.consumed(count, of: serverStream)
    }

    /// True exactly when a response has nothing behind its head.
    var endsWithHead: Bool {
        guard isShared else { return responseBody.isComplete }
        return hasResponseEnded && responseQueue.isEmpty && responseTrailers.count == 0
    }
}
