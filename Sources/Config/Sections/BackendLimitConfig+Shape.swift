extension BackendLimitConfig {
    private static let counts = 1...10_000_000

    /// The keys of `limits` of a backend.
    static let shape = Shape(
        BackendLimitConfig(),
        keys: [
            Key("connections", \.connections, .integer(counts, orWord: "unlimited")),
            Key("requests", \.requests, .integer(counts, orWord: "unlimited")),
            Key("pending", \.pending, .integer(counts, orWord: "unlimited")),
            Key("queue", \.queue, .integer(0...1_000_000)),
            Key(
                "queue_timeout", \.queueTimeout,
                .duration(.milliseconds(1) ... .seconds(7 * 86_400))),
        ],
        check: { limits, present, mark, context in
            if limits.queue > 0, limits.connections == nil, limits.requests == nil {
                context.warning(
                    "nothing ever waits in 'queue': it needs 'connections' or 'requests'", at: mark)
            }
            if present.contains("queue_timeout"), limits.queue == 0 {
                context.warning("'queue_timeout' does nothing without 'queue'", at: mark)
            }
        })
}
