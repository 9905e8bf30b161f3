internal import Platform
internal import Synchronization

/// The clock that a worker reads once in each tick: the kernel's, moved forward by tests so that
/// they need not wait for deadlines.
final class WorkerClock: Sendable {
    private let aheadNanoseconds = Atomic<Int64>(0)
    /// Where it stands still; nil where it goes by itself.
    private let start: MonotonicTime?

    /// - Parameter start: from where only `advance` moves it.
    init(stoppedAt start: MonotonicTime? = nil) { self.start = start }

    /// The present.
    func now() -> MonotonicTime {
        (start ?? MonotonicTime.now()) + .nanoseconds(aheadNanoseconds.load(ordering: .relaxed))
    }

    /// Moves the clock forward; any thread.
    func advance(by duration: Duration) {
        aheadNanoseconds.add(duration.wholeNanoseconds, ordering: .relaxed)
    }
}
