internal import Bytes
internal import HTTP

/// The response's body as HTTP/2 takes it: piece by piece, when the client's windows have room.
extension Exchange {
    /// How the body came to its end while the session took it.
    enum BodyEnd: Equatable, Sendable {
        /// Not yet.
        case none
        /// Properly: all of it was taken.
        case complete
        /// Early, or against the rules.
        case failed(HTTPFault)
    }

    /// Says what may be sent next, at most `limit` bytes.
    func nextPiece(limit: Int) -> HTTP2Piece {
        // An answer of our own stands in place of a server's, whose connection was released.
        if upstream == nil, !localBody.isEmpty {
            let count = min(limit, localBody.count)
            return .bytes(count, isLast: count == localBody.count)
        }
        if isShared {
            let isOpen = machine.state == .streaming || machine.state == .tunnelling
            return isOpen || isCutShort ? nextSharedPiece(limit: limit) : .later
        }
        guard let upstream, bodyEnd == .none else { return .later }
        if machine.state == .tunnelling { return nextTunnelPiece(upstream, limit: limit) }
        guard machine.state == .streaming else { return .later }
        if payloadReady == 0 { decode(upstream) }
        if payloadReady > 0 {
            let count = min(limit, payloadReady)
            return .bytes(count, isLast: count == payloadReady && responseBody.isComplete)
        }
        guard bodyEnd == .complete else { return .later }
        return responseTrailers.count > 0 ? .trailers : .end
    }

    /// Writes what `nextPiece` has offered.
    func writePiece(_ count: Int, to output: inout ByteQueue) {
        bytesOut += count
        if upstream == nil, !localBody.isEmpty {
            output.append(localBody.bytes.extracting(0..<count))
            localBody.removeFirst(count)
            if localBody.isEmpty { bodyEnd = .complete }
            return
        }
        if isShared {
            writeSharedPiece(count, to: &output)
            return
        }
        guard let upstream else { return }
        Exchange.copy(0..<count, of: upstream.inbound, to: &output)
        upstream.inbound.removeFirst(count)
        pieceTaken(count)
    }

    /// Seals what `nextPiece` has offered where it lies, behind `header` and all of `output`; false
    /// where it did nothing.
    func sealPiece(_ header: Span<UInt8>, _ count: Int, behind output: inout ByteQueue) -> Bool {
        guard !isShared, let upstream, let connection = downstream,
            upstream.inbound.prepend(header)
        else { return false }
        bytesOut += count
        if connection.outbound.isEmpty {
            let waiting = upstream.inbound.count - header.count
            connection.outbound.reserve(HTTP2Link.sealedTurn(of: waiting))
        }
        if !output.isEmpty {
            connection.sealLarge(output, 0..<output.count)
            output.removeAll()
        }
        connection.sealLarge(upstream.inbound, 0..<(header.count + count))
        upstream.inbound.removeFirst(header.count + count)
        pieceTaken(count)
        return true
    }

    private func pieceTaken(_ count: Int) {
        guard machine.state == .streaming else { return }
        payloadReady -= count
        if payloadReady == 0, responseBody.isComplete { bodyEnd = .complete }
    }

    /// Appends a part of one queue to another.
    static func copy(
        _ range: Range<Int>, of input: borrowing ByteQueue, to output: inout ByteQueue
    ) {
        output.append(input.bytes(in: range))
    }

    /// True exactly when there is something that the client could take.
    var hasPieceWaiting: Bool {
        // What is so mostly is looked at first.
        if bodyEnd == .none, upstream?.inbound.isEmpty == false || !responseQueue.isEmpty {
            return true
        }
        // The end of a body waits for the client's window like the body.
        let isEndHere = hasResponseEnded || upstream?.isPeerDone == true
        if isEndHere, bodyEnd == .none, machine.state == .streaming || isCutShort { return true }
        return !localBody.isEmpty
    }

    /// True exactly when the next step is the client's: its stream has not taken what is here.
    var waitsForClient: Bool { hasPieceWaiting && link?.session.isToBeAsked(stream) == true }

    /// Walks the framing up to the next payload, the end, or the end of what has come.
    private func decode(_ upstream: UpstreamConnection) {
        while true {
            switch stepResponseBody(upstream.inbound.bytes) {
            case .bytes(let range):
                // Only chunks have something in front of what they carry.
                if range.lowerBound > 0 { upstream.inbound.removeFirst(range.lowerBound) }
                payloadReady = range.count
                return
            case .end(let consumed):
                upstream.inbound.removeFirst(consumed)
                bodyEnd = .complete
                return
            case .failed(let fault):
                bodyEnd = .failed(fault)
                return
            case .needsMore(let consumed):
                upstream.inbound.removeFirst(consumed)
                guard upstream.isPeerDone else { return }
                // A reset is never a proper end, not even where the end of the stream is the
                // framing.
                let isProper = !upstream.isBroken && endResponseBody()
                bodyEnd = isProper ? .complete : .failed(.truncated)
                return
            }
        }
    }

    private func nextTunnelPiece(_ upstream: UpstreamConnection, limit: Int) -> HTTP2Piece {
        if !upstream.inbound.isEmpty {
            return .bytes(min(limit, upstream.inbound.count), isLast: false)
        }
        guard upstream.isPeerDone else { return .later }
        guard !upstream.isBroken else {
            bodyEnd = .failed(.truncated)
            return .later
        }
        bodyEnd = .complete
        return .end
    }
}
