internal import Config
internal import Platform
internal import Telemetry

/// What one worker has under way for one backend, beside its servers: who waits, and how many
/// further attempts are left. Worker only.
final class BackendLoad {
    let label: BackendLabel
    let name: String
    let policy: BackendPolicy
    /// What is counted over reloads.
    let tally: BackendTally
    /// Who waits because every server is full.
    var line = WaitingLine<Exchange>()
    /// True exactly while the line is being served.
    var isServing = false

    init(label: BackendLabel, name: String, policy: BackendPolicy, tally: BackendTally) {
        self.label = label
        self.name = name
        self.policy = policy
        self.tally = tally
    }

    /// True exactly when another request may wait for a connection to be made.
    var hasPendingRoom: Bool { tally.pending < policy.limits.pending ?? .max }

    /// True exactly when another request may wait for a server.
    var hasQueueRoom: Bool { tally.queued < policy.limits.queue }
}
