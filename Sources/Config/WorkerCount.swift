/// How many event loops serve.
public enum WorkerCount: Sendable, Equatable {
    /// One per processor that this process may use.
    case auto
    /// Exactly this many; at least 1.
    case count(Int)
}
