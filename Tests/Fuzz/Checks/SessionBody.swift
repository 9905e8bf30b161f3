import HTTP

/// A body that our side sends.
struct SessionBody {
    /// How many bytes are left.
    var count: Int
    /// How many bytes are there at once.
    let piece: Int
    /// Bit 0: trailers follow. Bit 1: every other time there is nothing yet. Bit 2: it fails behind
    /// its bytes, or resets its own stream with bit 0.
    let mode: UInt8
    private var isTired = false

    init(count: Int, piece: Int, mode: UInt8) {
        (self.count, self.piece, self.mode) = (count, max(piece, 1), mode)
    }

    /// True exactly when the end of it is a reset from within.
    var resetsItself: Bool { mode & 5 == 5 && count == 0 }

    /// What it has to say now.
    mutating func next(limit: Int) -> HTTP2Piece {
        if mode & 2 != 0 {
            isTired.toggle()
            if isTired { return .later }
        }
        guard count > 0 else { return end }
        let part = min(limit, piece, count)
        count -= part
        return .bytes(part, isLast: count == 0 && mode & 5 == 0 && part % 2 == 0)
    }

    private var end: HTTP2Piece {
        if resetsItself { return .later }
        if mode & 4 != 0 { return .failed(.internalError) }
        return mode & 1 != 0 ? .trailers : .end
    }
}
