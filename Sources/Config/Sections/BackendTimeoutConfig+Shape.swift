extension BackendTimeoutConfig {
    private static let range: ClosedRange<Duration> = .milliseconds(1) ... .seconds(7 * 86_400)

    /// The keys of `timeouts` of a backend.
    static let shape = Shape(
        BackendTimeoutConfig(),
        keys: [
            Key("connect", \.connect, .optional(.duration(range))),
            Key("first_byte", \.firstByte, .optional(.duration(range))),
            Key("between_bytes", \.betweenBytes, .optional(.duration(range))),
        ])
}
