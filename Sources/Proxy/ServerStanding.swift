public import Platform

/// What is known of one server beside its connections: whether requests should go there.
///
/// The control plane decides everything but `avoidedUntil`, and tells each worker by
/// `WorkerMessage.standings`; a request reads plain fields of its worker's copy.
public struct ServerStanding: Sendable, Equatable {
    /// True exactly when active checks have found the server down.
    public var isCheckedDown = false
    /// True exactly when the last check does not say that it still fails: it passed, or nobody
    /// listened.
    public var mayBeBack = false
    /// True exactly when the operator has asked that no new work goes there.
    public var isDrained = false
    /// True exactly when so few of the backend's servers are well that all are used (panic).
    public var isInPanic = false
    /// Until when the server is left out, because its answers to requests were failures.
    public var ejectedUntil = MonotonicTime(nanoseconds: 0)
    /// Since when the server takes requests after it did not, for its slow start; in the future
    /// while it is ejected, nil if it has been there from the beginning.
    public var risenAt: MonotonicTime?
    /// Until when this worker prefers other servers, because this one refused a connection.
    public private(set) var avoidedUntil = MonotonicTime(nanoseconds: 0)

    /// A server that nothing bad is known of.
    public init() {}

    /// True exactly when requests should go to the server: where others accept too, any of them.
    public func accepts(now: MonotonicTime) -> Bool {
        guard isInService, avoidedUntil <= now else { return false }
        return isInPanic || ejectedUntil <= now
    }

    /// True exactly when the server is neither drained nor down by its checks, or all are used: it
    /// accepts, or is only avoided or ejected for a while.
    public var isInService: Bool { !isDrained && (isInPanic || !isCheckedDown) }

    /// True exactly when the server is worth a try where no server of the backend is in service: it
    /// is itself, or it is down by its checks and may be back.
    ///
    /// Where nobody listened it may be back before `rise` checks say so, and asking costs the
    /// client no time: it is served at once, or refused as soon as it would have been.
    public func mayBeTried() -> Bool {
        isInService || !isDrained && mayBeBack
    }

    /// Notes that the server refused a connection or did not take it in time.
    public mutating func avoid(now: MonotonicTime) {
        avoidedUntil = now + ServerStanding.avoidance
    }

    /// Notes that the server took a connection.
    public mutating func embrace() {
        avoidedUntil = MonotonicTime(nanoseconds: 0)
    }

    /// Takes over what the control plane has decided, and keeps what this worker has seen itself.
    public mutating func adopt(_ told: ServerStanding) {
        let avoided = avoidedUntil
        self = told
        avoidedUntil = avoided
    }

    /// How long other servers are preferred after a refusal.
    public static let avoidance = Duration.seconds(2)
}
