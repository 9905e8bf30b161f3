/// What sending all of a queue came to.
public enum DrainOutcome: Equatable, Sendable {
    /// The queue is empty; so many bytes were sent.
    case emptied(Int)
    /// The kernel took so many bytes and no more.
    case full(Int)
    /// The connection is broken.
    case failed
}
