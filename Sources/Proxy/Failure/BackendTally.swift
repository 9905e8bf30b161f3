/// What one worker counts for one backend, whichever snapshots its requests belong to. Worker only.
final class BackendTally {
    /// How many further attempts are left.
    var budget: RetryBudget
    /// How many wait for a connection to be made.
    var pending = 0
    /// How many wait for a server.
    var queued = 0

    /// - Parameter budget: how many percent of the requests may be further attempts.
    init(budget: Int?) { self.budget = RetryBudget(percent: budget) }
}
