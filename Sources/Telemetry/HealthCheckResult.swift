/// How a check of a server ended.
public enum HealthCheckResult: UInt8, Sendable, CaseIterable {
    /// The server is well.
    case passed
    /// It could not be connected to.
    case connect
    /// TLS could not be agreed on with it.
    case handshake
    /// It did not answer in time.
    case timeout
    /// It closed before its answer was complete.
    case closed
    /// Its answer broke a rule of HTTP.
    case malformed
    /// It answered with another status than expected.
    case status
    /// The expected text is not in its answer.
    case body

    /// As logs and metrics write it.
    public var label: StaticString {
        switch self {
        case .passed: "passed"
        case .connect: "connect"
        case .handshake: "handshake"
        case .timeout: "timeout"
        case .closed: "closed"
        case .malformed: "malformed"
        case .status: "status"
        case .body: "body"
        }
    }
}
