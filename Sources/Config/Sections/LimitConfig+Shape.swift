extension LimitConfig {
    private static let headSizes = 1024...1 << 20
    private static let fieldCounts = 1...10_000
    private static let connectionCounts = 1...10_000_000

    /// The keys of `limits`.
    static let shape = Shape(
        LimitConfig(),
        keys: [
            Key("request_head", \.requestHead, .size(headSizes)),
            Key("request_fields", \.requestFields, .integer(fieldCounts)),
            Key("request_body", \.requestBody, .size(0...1 << 50, orWord: "unlimited")),
            Key("response_head", \.responseHead, .size(headSizes)),
            Key("response_fields", \.responseFields, .integer(fieldCounts)),
            Key("connections", \.connections, .integer(connectionCounts, orWord: "auto")),
            Key(
                "connections_per_address", \.connectionsPerAddress,
                .integer(connectionCounts, orWord: "auto")),
            Key("connection_rate", \.connectionRate, .rateOrOff),
            Key("handshake_rate", \.handshakeRate, .rateOrOff),
            Key("requests_per_connection", \.requestsPerConnection, .integer(1...1_000_000_000)),
            Key("minimum_rate", \.minimumRate, .size(1...1 << 30, orWord: "off")),
            Key("key_updates", \.keyUpdates, .integer(1...1_000_000)),
            Key("tiny_records", \.tinyRecords, .integer(1...1_000_000_000)),
            Key("memory", \.memory, .memory(1 << 24...1 << 50)),
            Key("buffer", \.buffer, .size(4096...1 << 24)),
            Key("listen_backlog", \.listenBacklog, .integer(1...65_535)),
        ])
}
