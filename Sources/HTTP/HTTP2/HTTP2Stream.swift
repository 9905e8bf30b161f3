/// What a session remembers of a stream that is not over.
struct HTTP2Stream {
    /// Its number.
    let id: Int32
    /// Whoever serves it.
    var token = 0
    /// How many bytes its field sections took.
    var heldBytes = 0
    /// Client role: how many interim responses have come.
    var interimCount = 0
    /// How much payload Content-Length still promises; negative where nothing is promised.
    var promised: Int64 = -1
    /// True exactly when its head has been told, so that its end is told, too.
    var isTold = false
    /// True exactly when nothing more that the peer says on it matters.
    var isDeaf = false
    /// True exactly when the peer has ended its side.
    var peerEnded = false
    /// True exactly when the frame that ends our side was sent.
    var weEnded = false
    /// True exactly when RST_STREAM is under way, whose end was told or is nobody's business.
    var isReset = false
    /// True exactly when the peer has reset it.
    var isResetByPeer = false
    /// True exactly when the response has said how urgent it is.
    var hasFinalPriority = false
    /// Server role: true exactly when the response was submitted.
    var isAnswered = false
    /// Client role: true exactly when the final response has come.
    var hasFinalHead = false
    /// Client role: true exactly when the response has no content whatever its fields say.
    var asksHead = false
    /// True exactly when a body of ours was submitted and has not ended.
    var hasBody = false
    /// True exactly when the body had nothing to say when it was asked.
    var isWaiting = false
    /// True exactly when RST_STREAM with NO_ERROR follows once our side has ended.
    var stopsBehindEnd = false
}

/// How a stream that is over came to its end.
enum HTTP2StreamEnd: UInt8 {
    /// Both sides had ended it.
    case ended
    /// The peer has reset it.
    case resetByPeer
    /// We have reset it: what the peer had under way may still come (RFC 9113 §5.1).
    case resetByUs
}
