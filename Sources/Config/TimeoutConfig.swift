/// How long each waiting state may last.
public struct TimeoutConfig: Sendable, Equatable {
    /// The TLS handshake, from the accepted connection to its end.
    public var handshake: Duration

    /// A request head, from its first byte to its last.
    public var requestHead: Duration

    /// A request body, between two of its bytes.
    public var requestBody: Duration

    /// A client connection without a request.
    public var keepAlive: Duration

    /// A client that takes no byte of its response.
    public var responseWrite: Duration

    /// A client's end of a connection, after ours.
    public var lingering: Duration

    /// The connection to a server.
    public var upstreamConnect: Duration

    /// A response, from the request to the end of its head, 1xx ones before it included.
    public var upstreamFirstByte: Duration

    /// A response, between two of its bytes.
    public var upstreamBetweenBytes: Duration

    /// A connection to a server that is kept for the next request.
    public var upstreamIdle: Duration

    /// An upgraded connection on which neither side sends.
    public var tunnelIdle: Duration

    /// A connection of a TCP site on which neither side sends.
    public var tcpIdle: Duration

    /// The requests in progress once the process is told to stop.
    public var drain: Duration

    /// Makes the value; what is left out has its default.
    public init(
        handshake: Duration = .seconds(10),
        requestHead: Duration = .seconds(10),
        requestBody: Duration = .seconds(30),
        keepAlive: Duration = .seconds(75),
        responseWrite: Duration = .seconds(30),
        lingering: Duration = .seconds(2),
        upstreamConnect: Duration = .seconds(5),
        upstreamFirstByte: Duration = .seconds(60),
        upstreamBetweenBytes: Duration = .seconds(60),
        upstreamIdle: Duration = .seconds(60),
        tunnelIdle: Duration = .seconds(3600),
        tcpIdle: Duration = .seconds(3600),
        drain: Duration = .seconds(30)
    ) {
        self.handshake = handshake
        self.requestHead = requestHead
        self.requestBody = requestBody
        self.keepAlive = keepAlive
        self.responseWrite = responseWrite
        self.lingering = lingering
        self.upstreamConnect = upstreamConnect
        self.upstreamFirstByte = upstreamFirstByte
        self.upstreamBetweenBytes = upstreamBetweenBytes
        self.upstreamIdle = upstreamIdle
        self.tunnelIdle = tunnelIdle
        self.tcpIdle = tcpIdle
        self.drain = drain
    }
}
