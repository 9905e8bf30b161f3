import Bytes
import HTTP
import TestSupport

/// A client of HTTP/2 that makes one call of gRPC by the rules, and reads all that comes back.
final class StreamCaller: HTTP2BodySource {
    /// What came back.
    struct Answer {
        var status = 0
        var fields: [String: String] = [:]
        var body = ""
        var trailers: [String: String] = [:]
        /// True exactly when the server has ended its side in good order.
        var isComplete = false
        var reset: HTTP2ErrorCode?
    }

    private let peer: Peer
    private let session: HTTP2Session
    private var rest: [UInt8]
    private let hasEnd: Bool
    private var answer = Answer()

    /// Makes the call on a connection that has agreed on HTTP/2.
    ///
    /// - Parameter hasEnd: false where the call is never ended.
    init(over peer: Peer, _ payload: String, hasEnd: Bool) throws {
        self.peer = peer
        rest = Array(payload.utf8)
        self.hasEnd = hasEnd
        session = try HTTP2Session(role: .client, milliseconds: 0)
        var message = HTTP2Message()
        message.add(":method", "POST")
        message.add(":scheme", "https")
        message.add(":authority", "localhost")
        message.add(":path", "/a.B/C")
        message.add("content-type", "application/grpc")
        message.add("te", "trailers")
        guard session.submitRequest(message, endsStream: false) != nil else {
            throw TestFailure("no stream can be opened")
        }
        try flush()
    }

    /// Reads until the stream is over, or the connection.
    func finish() throws -> Answer {
        repeat { try take() } while try !answer.isComplete && answer.reset == nil && peer.receive()
        return answer
    }

    private func take() throws {
        let bytes = peer.take(peer.receivedCount)
        session.receive(bytes.span, milliseconds: 0)
        while let event = session.nextEvent() {
            switch event {
            case .response(_, _, let endsStream):
                var head = ResponseHead()
                session.takeResponse(into: &head)
                answer.status = head.status
                answer.fields = StreamCaller.texts(head.fields)
                answer.isComplete = endsStream
            case .data(let stream, _, let range):
                answer.body += String(decoding: bytes[range], as: UTF8.self)
                session.consumed(range.count, of: stream)
            case .end(_, _, let hasTrailers):
                var trailers = FieldBlock()
                if hasTrailers { session.takeTrailers(into: &trailers) }
                answer.trailers = StreamCaller.texts(trailers)
                answer.isComplete = true
            case .reset(_, _, let code, _): answer.reset = code
            default: break
            }
        }
        try flush()
    }

    private static func texts(_ fields: borrowing FieldBlock) -> [String: String] {
        var texts: [String: String] = [:]
        for index in 0..<fields.count {
            texts[String(copying: fields.name(index))] = String(copying: fields.value(index))
        }
        return texts
    }

    private func flush() throws {
        var output = ByteQueue()
        while session.wantsWrite {
            let before = output.count
            session.write(to: &output, upTo: 1 << 20, from: self)
            if output.count == before { break }
        }
        try peer.send(Array(copying: output.bytes))
    }

    func nextPiece(of stream: Int32, token: Int, limit: Int) -> HTTP2Piece {
        if rest.isEmpty { return hasEnd ? .end : .later }
        let count = min(limit, rest.count)
        return .bytes(count, isLast: hasEnd && count == rest.count)
    }

    func writePiece(of stream: Int32, token: Int, count: Int, to output: inout ByteQueue) {
        output.append(rest.span.extracting(0..<count))
        rest.removeFirst(count)
    }
}
