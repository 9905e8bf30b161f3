/// An entry of `backends` before its servers have been compared.
struct BackendDraft: Sendable {
    /// The servers.
    var servers: [Located<ServerConfig>] = []

    /// What they speak.
    var speaks = BackendProtocol.http1

    /// Their deadlines.
    var timeouts = BackendTimeoutConfig()

    /// When a request is sent again; nil for never.
    var retries: RetryConfig? = RetryConfig()

    /// How much of everything they get.
    var limits = BackendLimitConfig()

    /// The keys of an entry of `backends`.
    static let shape = Shape(
        BackendDraft(),
        keys: [
            Key("servers", \.servers, .oneOrMore(.located(.server)), required: true),
            Key("protocol", \.speaks, .choice),
            Key("timeouts", \.timeouts, .section(BackendTimeoutConfig.shape)),
            Key("retries", \.retries, .sectionOrOff(RetryConfig.shape)),
            Key("limits", \.limits, .section(BackendLimitConfig.shape)),
        ])
}
