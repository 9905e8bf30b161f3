internal import Synchronization

/// Counts log lines that could not be written: one count for all logs, which outlives each of them.
public final class LostLines: Sendable {
    private let lines = Atomic<UInt64>(0)

    /// Begins at zero.
    public init() {}

    /// How many so far; any thread.
    public var count: UInt64 { lines.load(ordering: .relaxed) }

    /// Counts `more` lines; any thread.
    func add(_ more: Int) { lines.wrappingAdd(UInt64(more), ordering: .relaxed) }
}
