extension UpstreamConfig {
    /// The keys of `upstream`.
    static let shape = Shape(
        UpstreamConfig(),
        keys: [
            Key("idle_connections", \.idleConnections, .integer(0...100_000)),
            Key("retries", \.retries, .integer(0...10)),
            Key("streams_per_connection", \.streamsPerConnection, .integer(1...10_000)),
        ])
}
