/// Deadlines of one backend's servers; nil for what `timeouts` says.
public struct BackendTimeoutConfig: Sendable, Equatable {
    /// The connection to a server.
    public var connect: Duration?

    /// A response, from the request to the end of its head, 1xx ones before it included.
    public var firstByte: Duration?

    /// A response, between two of its bytes.
    public var betweenBytes: Duration?

    /// Makes the value; what is left out has its default.
    public init(
        connect: Duration? = nil,
        firstByte: Duration? = nil,
        betweenBytes: Duration? = nil
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.betweenBytes = betweenBytes
    }
}
