internal import Platform
internal import Synchronization

/// The clock that a worker reads once in each tick: the kernel's, moved forward by tests so that
/// they need not wait for deadlines.
final class WorkerClock: Sendable {
    private let aheadNanoseconds = Atomic<Int64>(0)

    /// The present.
    func now() -> MonotonicTime {
        MonotonicTime.now() + .nanoseconds(aheadNanoseconds.load(ordering: .relaxed))
    }

    /// Moves the clock forward; any thread.
    func advance(by duration: Duration) {
        aheadNanoseconds.add(duration.wholeNanoseconds, ordering: .relaxed)
    }
}
