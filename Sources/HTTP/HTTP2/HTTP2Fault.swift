/// Why a session is over before its time.
public enum HTTP2Fault: Error, Equatable, Sendable {
    /// The peer broke the protocol; it was told this code.
    case violation(HTTP2ErrorCode)
    /// The peer went beyond a budget.
    case budget(HTTP2Budgets.Kind)
    /// The library could not go on, as without memory.
    case failure

    /// What the peer is told.
    public var code: HTTP2ErrorCode {
        switch self {
        case .violation(let code): code
        case .budget: .enhanceYourCalm
        case .failure: .internalError
        }
    }

    /// The stable name in logs and metrics.
    public var label: StaticString {
        switch self {
        case .violation(let code): code.label
        case .budget(let kind): kind.label
        case .failure: "failure"
        }
    }
}
