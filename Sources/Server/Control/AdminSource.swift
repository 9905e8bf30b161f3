internal import Telemetry

/// Where the admin endpoint gets what it answers with; every closure may be called by several
/// threads at once.
struct AdminSource: Sendable {
    /// Renders all metrics.
    let metrics: @Sendable (ExpositionFormat) -> [UInt8]

    /// True exactly when new connections are being accepted and served.
    let isReady: @Sendable () -> Bool

    /// Collects the status of the instance.
    let status: @Sendable () -> StatusReport

    /// Reloads the configuration and returns when that has succeeded or failed.
    let reload: @Sendable () -> ReloadOutcome

    /// Drains a server or ends that, and returns when it is done.
    let command: @Sendable (ServerCommand) -> ServerOutcome
}
