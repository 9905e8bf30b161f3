internal import Platform

/// The health of a server as the admin endpoint tells it.
struct HealthStatus: Sendable, Equatable {
    /// What it comes to.
    enum State: String, Sendable {
        /// Requests go there.
        case up
        /// Its checks have failed.
        case down
        /// It has failed requests and is left out for a while.
        case ejected
    }

    let state: State
    /// Since when it is in its state.
    let since: WallTime
    /// True exactly when it is checked.
    let isChecked: Bool
    /// When the last check ended; nil before the first.
    let lastCheck: WallTime?
    /// What was wrong in the last check; nil if nothing was.
    let lastError: String?

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("state", state.rawValue)
            writer.member("since", since.iso8601)
            writer.member("checked", isChecked)
            writer.member("last_check", lastCheck?.iso8601)
            writer.member("last_error", lastError)
        }
    }
}
