internal import Platform
internal import Telemetry

/// How a check ended, and what an operator should know of it.
struct CheckVerdict: Sendable, Equatable {
    let result: HealthCheckResult
    /// What was wrong; empty exactly where nothing was.
    let cause: String
    /// True exactly when nobody listens where requests go.
    var isRefusal = false

    static let passed = CheckVerdict(result: .passed, cause: "")

    static func failed(_ result: HealthCheckResult, _ cause: String) -> CheckVerdict {
        CheckVerdict(result: result, cause: cause)
    }

    /// The server could not be connected to.
    ///
    /// - Parameter isAtOwnPort: true exactly when the check went to where requests go.
    static func unreachable(_ error: SystemError, isAtOwnPort: Bool) -> CheckVerdict {
        // The socket of a server that is not there yet is no file either.
        let isRefusal = error.isConnectionRefused || error.isNotFound
        let reason = error.code == 0 ? error.description : SystemError.explain(error.code)
        return CheckVerdict(
            result: .connect, cause: "it cannot be connected to: \(reason)",
            isRefusal: isAtOwnPort && isRefusal)
    }

    var isPassed: Bool { result == .passed }
}
