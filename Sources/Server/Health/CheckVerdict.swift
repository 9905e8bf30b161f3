internal import Telemetry

/// How a check ended, and what an operator should know of it.
struct CheckVerdict: Sendable, Equatable {
    let result: HealthCheckResult
    /// What was wrong; empty exactly where nothing was.
    let cause: String

    static let passed = CheckVerdict(result: .passed, cause: "")

    static func failed(_ result: HealthCheckResult, _ cause: String) -> CheckVerdict {
        CheckVerdict(result: result, cause: cause)
    }

    var isPassed: Bool { result == .passed }
}
