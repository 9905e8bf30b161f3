extension RouteTimeoutConfig {
    private static let range: ClosedRange<Duration> = .milliseconds(1) ... .seconds(7 * 86_400)

    /// The keys of `timeouts` in a route or a site.
    static let shape = Shape(
        RouteTimeoutConfig(),
        keys: [
            Key("first_byte", \.firstByte, .optional(.duration(range))),
            Key("between_bytes", \.betweenBytes, .optional(.duration(range))),
            Key("request_body", \.requestBody, .optional(.duration(range))),
            Key("tunnel_idle", \.tunnelIdle, .optional(.duration(range))),
        ])
}
