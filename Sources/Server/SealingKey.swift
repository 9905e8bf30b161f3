internal import Platform
internal import TLS

/// The key that seals session tickets, over time: one of the file that the configuration names, or
/// one of this process.
struct SealingKey {
    /// When the present one began to seal; 1970 before any has.
    private(set) var since = WallTime(seconds: 0)
    /// How often it has changed.
    private(set) var changes: UInt64 = 0
    private var present: TicketKey?

    /// Takes note of the key that seals from now on.
    mutating func adopt(_ next: TicketKey, now: WallTime) {
        guard next != present else { return }
        if present != nil { changes += 1 }
        (present, since) = (next, now)
    }
}
