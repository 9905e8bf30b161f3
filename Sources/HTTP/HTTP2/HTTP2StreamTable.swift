/// The streams of a session: those that are open, and the last few that were.
struct HTTP2StreamTable {
    private var slots: [HTTP2Stream] = []
    private var free: [Int] = []
    /// The open streams' numbers in ascending order, which is mostly that of their opening, and
    /// beside them their slots: a dictionary would hash the number at each of a dozen looks.
    private var openIDs: [Int32] = []
    private var openSlots: [Int] = []

    /// The last streams that ended, as a ring.
    private var endedIDs = [Int32](repeating: 0, count: HTTP2StreamTable.memory)
    private var ends = [HTTP2StreamEnd](repeating: .ended, count: HTTP2StreamTable.memory)
    private var endedCount = 0

    /// The highest number that the client has used.
    private(set) var highest: Int32 = 0
    /// The last stream that our GOAWAY names: what comes on later ones is nobody's.
    var lastServed = Int32.max
    /// How many bytes the field sections of all open streams take.
    private(set) var heldBytes = 0

    /// How many streams are open.
    var count: Int { openIDs.count }

    /// The slot of an open stream.
    func find(_ id: Int32) -> Int? {
        let place = place(of: id)
        return place < openIDs.count && openIDs[place] == id ? openSlots[place] : nil
    }

    /// The place of the first open stream whose number is not below `id`.
    private func place(of id: Int32) -> Int {
        var (low, high) = (0, openIDs.count)
        while low < high {
            let middle = (low + high) / 2
            if openIDs[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Whoever serves an open stream.
    func token(of id: Int32) -> Int? { find(id).map { slots[$0].token } }

    /// The stream in a slot that `find` or `open` has returned.
    subscript(slot: Int) -> HTTP2Stream {
        get { slots[slot] }
        _modify { yield &slots[slot] }
    }

    /// Notes that the client has used this number.
    mutating func noteUsed(_ id: Int32) { highest = max(highest, id) }

    /// False exactly when a stream of this number certainly never was: numbers may be skipped, and
    /// those that are skipped can never be used (RFC 9113 §5.1.1).
    func isKnown(_ id: Int32) -> Bool {
        find(id) != nil || hasForgotten || end(of: id) != nil
    }

    /// Opens a stream; returns its slot.
    mutating func open(_ id: Int32) -> Int {
        if let slot = find(id) { return slot }
        let slot: Int
        if let reused = free.popLast() {
            slot = reused
            slots[slot] = HTTP2Stream(id: id)
        } else {
            slot = slots.count
            slots.append(HTTP2Stream(id: id))
        }
        let place = place(of: id)
        openIDs.insert(id, at: place)
        openSlots.insert(slot, at: place)
        return slot
    }

    /// Counts bytes that a stream's field sections take.
    mutating func hold(_ bytes: Int, in slot: Int) {
        slots[slot].heldBytes += bytes
        heldBytes += bytes
    }

    /// Forgets a stream but for how it ended.
    mutating func close(_ slot: Int, _ end: HTTP2StreamEnd) {
        let stream = slots[slot]
        heldBytes -= stream.heldBytes
        let place = place(of: stream.id)
        if place < openIDs.count, openIDs[place] == stream.id {
            openIDs.remove(at: place)
            openSlots.remove(at: place)
        }
        free.append(slot)
        remember(stream.id, end)
    }

    /// Forgets a stream that is over, and gives what was known of it.
    mutating func close(_ id: Int32) -> HTTP2Stream? {
        guard let slot = find(id) else { return nil }
        let stream = slots[slot]
        let isOurs = stream.isReset && !stream.isResetByPeer && !stream.peerEnded
        close(slot, isOurs ? .resetByUs : stream.isResetByPeer ? .resetByPeer : .ended)
        return stream
    }

    /// Notes how a stream ended that perhaps was never opened here.
    mutating func remember(_ id: Int32, _ end: HTTP2StreamEnd) {
        endedIDs[endedCount % HTTP2StreamTable.memory] = id
        ends[endedCount % HTTP2StreamTable.memory] = end
        endedCount += 1
    }

    /// How a stream ended; nil where that was forgotten or never known.
    func end(of id: Int32) -> HTTP2StreamEnd? { index(of: id).map { ends[$0] } }

    /// Notes that the peer resets a stream, too, which we had reset: nothing of it is under way any
    /// more.
    mutating func noteResetByPeer(_ id: Int32) {
        if let slot = find(id), slots[slot].isReset { slots[slot].isResetByPeer = true }
        if let index = index(of: id), ends[index] == .resetByUs { ends[index] = .resetByPeer }
    }

    private func index(of id: Int32) -> Int? {
        let known = min(endedCount, HTTP2StreamTable.memory)
        for step in 0..<known {
            let index = (endedCount - 1 - step) % HTTP2StreamTable.memory
            if endedIDs[index] == id { return index }
        }
        return nil
    }

    /// True exactly when more streams have ended than are remembered.
    var hasForgotten: Bool { endedCount > HTTP2StreamTable.memory }

    /// How many ends are remembered.
    static let memory = 256
}
