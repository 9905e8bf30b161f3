/// What a route says about deadlines; nil where it says nothing.
public struct RouteTimeoutConfig: Sendable, Equatable {
    /// From the request to the end of the response's head, 1xx ones before it included.
    public var firstByte: Duration?
    /// Between two bytes of a response.
    public var betweenBytes: Duration?
    /// Between two bytes of a request's body.
    public var requestBody: Duration?
    /// Any byte through a tunnel.
    public var tunnelIdle: Duration?

    /// Makes the value; what is left out has its default.
    public init(
        firstByte: Duration? = nil, betweenBytes: Duration? = nil, requestBody: Duration? = nil,
        tunnelIdle: Duration? = nil
    ) {
        self.firstByte = firstByte
        self.betweenBytes = betweenBytes
        self.requestBody = requestBody
        self.tunnelIdle = tunnelIdle
    }

    /// These, and those of `site` where nothing is said here.
    func merged(over site: RouteTimeoutConfig) -> RouteTimeoutConfig {
        RouteTimeoutConfig(
            firstByte: firstByte ?? site.firstByte,
            betweenBytes: betweenBytes ?? site.betweenBytes,
            requestBody: requestBody ?? site.requestBody,
            tunnelIdle: tunnelIdle ?? site.tunnelIdle)
    }
}
