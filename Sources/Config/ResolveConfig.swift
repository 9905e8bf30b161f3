/// How often the names of a backend's servers are looked up again.
public enum ResolveConfig: Sendable, Equatable {
    /// Once the answer holds no longer, as whoever gave it has said.
    case automatic
    /// At a fixed interval.
    case every(Duration)
    /// At start and at reload only.
    case off
}
