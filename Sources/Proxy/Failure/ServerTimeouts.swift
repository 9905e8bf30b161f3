internal import Config

/// The deadlines of an exchange that its server is held to.
struct ServerTimeouts: Sendable, Equatable {
    /// The connection.
    var connect: Duration
    /// From the request to the first byte of the response.
    var firstByte: Duration
    /// Between two bytes of the response.
    var betweenBytes: Duration

    /// Those of all backends, where the backend has none of its own.
    init(_ common: TimeoutConfig, _ own: BackendTimeoutConfig = BackendTimeoutConfig()) {
        connect = own.connect ?? common.upstreamConnect
        firstByte = own.firstByte ?? common.upstreamFirstByte
        betweenBytes = own.betweenBytes ?? common.upstreamBetweenBytes
    }
}
