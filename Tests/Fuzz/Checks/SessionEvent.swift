import Bytes
import HTTP

/// A copy of what a session has told.
enum SessionEvent: Equatable {
    case request(Int32, [[UInt8]], ReadFields, BodyFraming, endsStream: Bool)
    case response(Int32, Int, ReadFields, endsStream: Bool)
    case payload(Int32, [UInt8])
    case end(Int32, ReadFields)
    case reset(Int32, HTTP2ErrorCode, byPeer: Bool)
    case refused(Int32, HTTPFault)
    case goAway(Int32, HTTP2ErrorCode)
    case settings

    /// True exactly when the peer has said goodbye.
    var isGoAway: Bool { if case .goAway = self { true } else { false } }

    /// True exactly when our side has ended a stream.
    var isOurReset: Bool {
        if case .reset(_, _, byPeer: false) = self { true } else { false }
    }
}

/// What may be told of a stream, and what was.
struct SessionStream {
    /// True exactly when its head was told: the request's, or the final response's.
    var hasHead = false
    /// True exactly when its request was refused.
    var isRefused = false
    /// True exactly when the peer has said all.
    var hasEnded = false
    /// True exactly when nothing more may be told.
    var isOver = false
    /// True exactly when our side wants to hear no more than that it is over.
    var isDeaf = false
    /// True exactly when our side has answered.
    var isAnswered = false
    /// How much payload the head promises.
    var promised: Int64?
    /// How much payload was told, and how much of it was given credit for.
    var received: Int64 = 0
    var consumed: Int64 = 0

    /// Notes a head.
    mutating func take(head stream: Int32, endsStream: Bool) throws(Broken) {
        try require(!hasHead && !isRefused && !isOver, "\(stream) has another head")
        hasHead = true
        hasEnded = endsStream
    }

    /// Notes payload.
    mutating func take(payload count: Int, of stream: Int32) throws(Broken) {
        try require(hasHead && !hasEnded && !isOver && !isDeaf, "\(stream) may have no payload")
        try require(count > 0, "\(stream) has payload that is none")
        received += Int64(count)
        if let promised {
            try require(received <= promised, "\(stream) has more payload than promised")
        }
    }

    /// Notes the end of the peer's side.
    mutating func takeEnd(of stream: Int32) throws(Broken) {
        try require(hasHead && !hasEnded && !isOver && !isDeaf, "\(stream) may not end")
        hasEnded = true
        if let promised {
            try require(received == promised, "\(stream) has less payload than promised")
        }
    }

    /// Notes that it is over.
    mutating func takeReset(of stream: Int32, isOurs: Bool) throws(Broken) {
        try require(!isOver, "\(stream) is over twice")
        try require(hasHead || isRefused || isOurs, "\(stream) is over and was never told")
        isOver = true
    }
}
