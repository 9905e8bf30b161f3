internal import Config
internal import Platform
internal import Telemetry

/// What one worker has under way for one backend, beside its servers: who waits, and how many
/// further attempts are left. Worker only.
final class BackendLoad {
    let label: BackendLabel
    let name: String
    let policy: BackendPolicy
    var budget: RetryBudget
    /// Who waits because every server is full.
    var line = WaitingLine<Exchange>()
    /// How many wait for a connection to be made.
    var pending = 0
    /// True exactly while the line is being served.
    var isServing = false

    init(label: BackendLabel, name: String, policy: BackendPolicy) {
        self.label = label
        self.name = name
        self.policy = policy
        budget = RetryBudget(percent: policy.retries.budget)
    }

    /// True exactly when another request may wait for a connection to be made.
    var hasPendingRoom: Bool { pending < policy.limits.pending ?? .max }

    /// True exactly when another request may wait for a server.
    var hasQueueRoom: Bool { line.count < policy.limits.queue }
}
