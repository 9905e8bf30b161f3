/// How a connection of a TCP site ended.
public enum TCPResult: UInt8, Sendable, CaseIterable {
    /// Both ends closed in good order.
    case completed
    /// The client reset it, or broke off its TLS.
    case clientReset
    /// The server reset it.
    case serverReset
    /// No server took it.
    case connectFailed
    /// Neither end sent anything for too long.
    case idle
    /// The client may not come, or memory is short.
    case refused
    /// The proxy is stopping.
    case drained
    /// The proxy failed.
    case failed

    /// As metrics write it.
    public var label: StaticString {
        switch self {
        case .completed: "completed"
        case .clientReset: "client_reset"
        case .serverReset: "server_reset"
        case .connectFailed: "connect_failed"
        case .idle: "idle"
        case .refused: "refused"
        case .drained: "drained"
        case .failed: "failed"
        }
    }
}
