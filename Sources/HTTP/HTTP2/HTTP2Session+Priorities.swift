internal import Bytes
internal import CNGHTTP2

/// How urgent streams are: what clients wish, and what backends say (RFC 9218).
extension HTTP2Session {
    /// Some of the payload of PRIORITY_UPDATE.
    func takeUpdate(_ part: Span<UInt8>) {
        // A priority is a few bytes; what is longer says nothing.
        if update.count < 256 { update.append(part) }
    }

    /// PRIORITY_UPDATE has come whole (RFC 9218 §7.1).
    func endUpdate() {
        defer {
            update.removeAll()
            update.releaseStorageIfEmpty()
        }
        guard update.count >= 4 else { return }
        var id = Int32(update.bytes[0] & 0x7f)
        for index in 1...3 { id = id << 8 | Int32(update.bytes[index]) }
        // No stream is pushed, so none of an even number can be meant.
        if id % 2 == 0 {
            if fault == nil { fault = .violation(.protocolError) }
            return
        }
        guard update.count < 256 else { return }
        let wish = HTTP2Priority(update.bytes.extracting(4...))
        if let slot = streams.find(id) {
            if !streams[slot].hasFinalPriority { schedule(id, wish) }
        } else if id > streams.highest {
            earlyWishes.removeAll { $0.stream == id }
            if earlyWishes.count >= 16 { earlyWishes.removeFirst() }
            earlyWishes.append((id, wish))
        }
    }

    /// A request has come: its wish, unless PRIORITY_UPDATE has already said another.
    func prioritise(_ id: Int32, _ wish: HTTP2Priority?) {
        if let index = earlyWishes.firstIndex(where: { $0.stream == id }) {
            schedule(id, earlyWishes.remove(at: index).wish)
            return
        }
        schedule(id, wish ?? .unsaid)
    }

    /// Tells the library how urgent a stream is.
    func schedule(_ id: Int32, _ priority: HTTP2Priority) {
        var value = nghttp2_extpri(
            urgency: UInt32(priority.urgency), inc: priority.isIncremental ? 1 : 0)
        // SAFETY: the library reads the value in this call only.
        unsafe nghttp2_session_change_extpri_stream_priority(library, id, &value, 0)
    }
}
