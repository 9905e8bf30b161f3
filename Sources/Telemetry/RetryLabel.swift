/// Why a request was sent to a server again: the closed list of what
/// `martlet_upstream_retries_total` tells apart.
public enum RetryLabel: UInt8, Sendable, CaseIterable {
    /// No connection could be made.
    case connect
    /// The server refused the request's stream unread.
    case refused
    /// A connection that had been used before ended before a byte of the response.
    case stale
    /// A new connection ended before a byte of the response.
    case reset
    /// No byte of the response came in time.
    case firstByteTimeout
    /// The response's status is one of those that count as failures.
    case status

    /// As logs and metrics write it.
    public var label: StaticString {
        switch self {
        case .connect: "connect"
        case .refused: "refused"
        case .stale: "stale"
        case .reset: "reset"
        case .firstByteTimeout: "first_byte_timeout"
        case .status: "status"
        }
    }
}
