internal import Bytes

/// From host names to numbers: an open-addressing table over one block of names, so that looking up
/// costs one hash and one comparison however many there are.
///
/// Names are compared without ASCII case. The names are the operator's, not the peer's, so the hash
/// needs no secret.
struct HostTable: Sendable {
    private struct Entry {
        let start: Int32
        let count: Int32
        let value: Int32
    }

    private var names: [UInt8] = []
    private var entries: [Entry] = []
    /// Invariant: a power of two of slots, at most half of them used; -1 is empty, else an index
    /// into `entries`.
    private var slots: [Int32]

    /// Makes an empty table with room for `capacity` names.
    init(capacity: Int) {
        var size = 8
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: -1, count: size)
        entries.reserveCapacity(capacity)
    }

    /// Adds a lower-case name; the first value of a name stays.
    mutating func insert(_ name: String, value: Int) {
        let bytes = Array(name.utf8)
        guard entries.count * 2 < slots.count, find(bytes.span) == nil else { return }
        var slot = hash(bytes.span) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(entries.count)
        entries.append(
            Entry(start: Int32(names.count), count: Int32(bytes.count), value: Int32(value)))
        names += bytes
    }

    /// The value of a name in any case, or nil.
    func find(_ name: Span<UInt8>) -> Int? {
        var slot = hash(name) & (slots.count - 1)
        while slots[slot] >= 0 {
            let entry = entries[Int(slots[slot])]
            if matches(entry, name) { return Int(entry.value) }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    private func matches(_ entry: Entry, _ name: Span<UInt8>) -> Bool {
        let start = Int(entry.start)
        return names.span.extracting(start..<start + Int(entry.count)).equalsIgnoringCase(name)
    }

    private func hash(_ name: Span<UInt8>) -> Int {
        Int(truncatingIfNeeded: name.caselessHash & 0x7fff_ffff)
    }
}
