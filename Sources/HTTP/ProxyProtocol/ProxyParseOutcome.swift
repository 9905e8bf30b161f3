/// What a call to `ProxyHeader.parse` came to.
public enum ProxyParseOutcome: Equatable, Sendable {
    /// The header has not ended yet.
    case needsMore
    /// The header, and how many bytes it took.
    case complete(ProxyHeader, consumed: Int)
    /// The bytes are no header, and no further byte makes them one.
    case failed(ProxyFault)
}
