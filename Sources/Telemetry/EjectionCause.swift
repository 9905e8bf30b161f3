/// Why a server is left out because of how it answered requests.
public enum EjectionCause: UInt8, Sendable, CaseIterable {
    /// So many requests in a row have failed.
    case consecutiveFailures
    /// So great a share of requests has failed.
    case errorRate

    /// As logs and metrics write it.
    public var label: StaticString {
        switch self {
        case .consecutiveFailures: "consecutive_failures"
        case .errorRate: "error_rate"
        }
    }
}
