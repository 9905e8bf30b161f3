internal import Config
internal import Platform
internal import Telemetry

/// Counts how one server has answered one worker's requests, and says when it has failed so many
/// that the control plane should know.
struct OutlierCounter {
    /// How many requests in a row have failed.
    private(set) var row = 0
    /// Invariant: `windowFailures <= windowRequests`, both since `windowBegin`.
    private var windowRequests = 0
    private var windowFailures = 0
    private var windowBegin = MonotonicTime(nanoseconds: 0)
    /// Before this time nothing is said: the control plane may have reasons to keep the server, and
    /// a server that fails ten thousand requests a second is worth one message.
    private var silentUntil = MonotonicTime(nanoseconds: 0)

    /// Takes in how a request ended.
    ///
    /// - Returns: why the server should be left out; nil mostly.
    mutating func record(
        isFailure: Bool, rules: OutlierConfig, now: MonotonicTime
    ) -> (cause: EjectionCause, failures: Int, requests: Int)? {
        row = isFailure ? row + 1 : 0
        if rules.errorRate != nil { count(isFailure, now: now) }
        guard isFailure, silentUntil <= now else { return nil }
        if row >= rules.consecutiveFailures {
            let failures = row
            begin(now: now)
            return (.consecutiveFailures, failures, failures)
        }
        if let rate = rules.errorRate, windowRequests >= OutlierCounter.leastRequests,
            windowFailures * 100 >= rate * windowRequests
        {
            let (failures, requests) = (windowFailures, windowRequests)
            begin(now: now)
            return (.errorRate, failures, requests)
        }
        return nil
    }

    private mutating func count(_ isFailure: Bool, now: MonotonicTime) {
        if windowBegin + OutlierCounter.window <= now {
            windowBegin = now
            windowRequests = 0
            windowFailures = 0
        }
        windowRequests += 1
        windowFailures += isFailure ? 1 : 0
    }

    private mutating func begin(now: MonotonicTime) {
        row = 0
        windowRequests = 0
        windowFailures = 0
        windowBegin = now
        silentUntil = now + OutlierCounter.silence
    }

    /// For how long requests count for the rate of errors.
    static let window = Duration.seconds(10)
    /// Of how many requests a share says something: one failure of two is chance.
    static let leastRequests = 20
    /// How long nothing is said after something was.
    static let silence = Duration.seconds(1)
}
