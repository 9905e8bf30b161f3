/// Keys over time: one that seals, the next one, which every worker knows before any seals with it,
/// and those before, for as long as a ticket of theirs can be valid.
///
/// Control thread only. Time is in seconds on any clock that never jumps.
public struct TicketKeyRing: Sendable {
    private struct Entry {
        let key: TicketKey
        /// When it sealed its last ticket.
        let retiredAt: Int64
    }

    /// How long a key seals, in seconds.
    public private(set) var rotation: Int64
    /// How long a ticket is valid, in seconds.
    public private(set) var lifetime: Int64
    /// The keys to serve with now.
    public private(set) var keys: TicketKeys

    private var present: TicketKey
    /// When it began to seal.
    private var sealingSince: Int64
    private var next: TicketKey
    private var former: [Entry] = []

    /// Makes keys that seal from `now` on.
    ///
    /// - Throws: `TLSError` where there are no random numbers.
    public init(rotation: Int64, lifetime: Int64, now: Int64) throws(TLSError) {
        self.rotation = max(1, rotation)
        self.lifetime = max(1, lifetime)
        sealingSince = now
        present = try TicketKey()
        next = try TicketKey()
        keys = try TicketKeys([present, next])
    }

    /// When `advance` has something to do again.
    public var nextChange: Int64 {
        let deaths = former.map { $0.retiredAt + lifetime }
        return min(sealingSince + rotation, deaths.min() ?? .max)
    }

    /// Changes the keys as far as time has come; true exactly when they are others than before.
    ///
    /// - Throws: `TLSError` where there are no random numbers; the keys stay.
    public mutating func advance(to now: Int64) throws(TLSError) -> Bool {
        guard now >= nextChange else { return false }
        var former = former.filter { $0.retiredAt + lifetime > now }
        if now >= sealingSince + rotation {
            let fresh = try TicketKey()
            former.insert(Entry(key: present, retiredAt: now), at: 0)
            former.removeLast(max(0, former.count - TicketKeyRing.formerLimit))
            let all = [next, fresh] + former.map(\.key)
            keys = try TicketKeys(all)
            (present, next, sealingSince) = (next, fresh, now)
        } else {
            keys = try TicketKeys([present, next] + former.map(\.key))
        }
        self.former = former
        return true
    }

    /// Takes other durations, in seconds; the keys stay until the next `advance`.
    public mutating func adopt(rotation: Int64, lifetime: Int64) {
        (self.rotation, self.lifetime) = (max(1, rotation), max(1, lifetime))
    }

    /// Each ticket is looked up among all keys, so that there are few.
    private static let formerLimit = 30
}
