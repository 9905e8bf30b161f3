internal import Config

/// The deadlines of an exchange that its server is held to.
struct ServerTimeouts: Sendable, Equatable {
    /// The connection.
    var connect: Duration
    /// From the request to the end of the response's head, 1xx ones before it included.
    var firstByte: Duration
    /// Between two bytes of the response.
    var betweenBytes: Duration

    /// Those of all backends, where the backend has none of its own.
    init(_ common: TimeoutConfig, _ own: BackendTimeoutConfig = BackendTimeoutConfig()) {
        connect = own.connect ?? common.upstreamConnect
        firstByte = own.firstByte ?? common.upstreamFirstByte
        betweenBytes = own.betweenBytes ?? common.upstreamBetweenBytes
    }

    /// What a route says wins.
    mutating func adopt(_ route: RouteTimeoutConfig) {
        firstByte = route.firstByte ?? firstByte
        betweenBytes = route.betweenBytes ?? betweenBytes
    }
}
