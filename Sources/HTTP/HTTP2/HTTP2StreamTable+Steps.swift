/// What streams go through, each step in one: whoever holds the table is asked by the runtime at
/// each access.
extension HTTP2StreamTable {
    /// A stream whose field section begins.
    struct Opening {
        var slot: Int
        var stream: HTTP2Stream
        /// True exactly when the section is the stream's first.
        var isNew: Bool
        /// True exactly when the section opens a stream for which there is no room: as many are
        /// open as may be, or their field sections hold as many bytes as they may.
        var isBeyond: Bool
    }

    /// A field section begins on a stream, which it opens if it is the first.
    mutating func beginSection(
        _ id: Int32, endsStream: Bool, within settings: HTTP2Settings
    ) -> Opening {
        let known = find(id)
        let isFull = count >= settings.concurrentStreams || heldBytes >= settings.heldHeadBytes
        let slot = known ?? open(id)
        self[slot].peerEnded = endsStream
        return Opening(
            slot: slot, stream: self[slot], isNew: known == nil, isBeyond: known == nil && isFull)
    }

    /// A request is told; false where its stream is over.
    mutating func tell(_ id: Int32, _ summary: HTTP2SectionReader.Summary) -> Bool {
        guard let slot = find(id) else { return false }
        hold(summary.listBytes, in: slot)
        self[slot].isTold = true
        self[slot].promised = summary.promised
        return true
    }

    /// Names whoever serves a stream; false where it is over.
    mutating func setToken(_ token: Int, of id: Int32) -> Bool {
        guard let slot = find(id) else { return false }
        self[slot].token = token
        return true
    }

    /// The final response is submitted; false where the stream is over.
    mutating func answer(_ id: Int32, hasBody: Bool, hasPriority: Bool) -> Bool {
        guard let slot = find(id), !self[slot].isReset else { return false }
        if hasPriority { self[slot].hasFinalPriority = true }
        self[slot].hasBody = hasBody
        self[slot].isWaiting = false
        self[slot].isAnswered = true
        return true
    }

    /// A body has more to say, or has ended; false where it had not been asked in vain.
    mutating func resume(_ id: Int32) -> Bool {
        guard let slot = find(id), self[slot].isWaiting else { return false }
        self[slot].isWaiting = false
        return true
    }

    /// The frame that ends our side was sent; true exactly when the peer is now told to stop.
    mutating func endSent(_ id: Int32) -> Bool {
        guard let slot = find(id) else { return false }
        self[slot].weEnded = true
        self[slot].hasBody = false
        let stops = self[slot].stopsBehindEnd && !self[slot].peerEnded && !self[slot].isReset
        if stops { self[slot].isReset = true }
        return stops
    }
}
