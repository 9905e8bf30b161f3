internal import Synchronization

/// Where a credential's staple lies: the control plane puts a fresh one in, handshakes read it.
///
/// A full handshake whose client asks for a staple takes the lock for as long as it takes to count
/// one reference up; no snapshot is built for a refresh.
public final class StapleSlot: Sendable {
    private let content = Mutex<OCSPStaple?>(nil)

    /// Makes an empty slot.
    init() {}

    /// What lies in it, current or not; any thread.
    public var staple: OCSPStaple? { content.withLock { $0 } }

    /// What may be sent at `now`, in seconds since 1970; nil where there is nothing.
    public func current(at now: Int64) -> OCSPStaple? {
        guard let staple, staple.isCurrent(at: now) else { return nil }
        return staple
    }

    /// Puts a staple in, or takes the one that lies there away; any thread.
    public func replace(_ staple: OCSPStaple?) { content.withLock { $0 = staple } }
}
