extension ForwardingConfig {
    /// The keys of `forwarding`.
    static let shape = Shape(
        ForwardingConfig(),
        keys: [
            Key("x_forwarded", \.xForwarded, .boolean),
            Key("forwarded", \.forwarded, .boolean),
            Key("trusted", \.trusted, .list(of: .addressBlock, mayBeEmpty: true)),
            Key("via", \.via, .boolean),
        ])
}
