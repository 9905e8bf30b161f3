/// An entry of `backends` before its servers have been compared.
struct BackendDraft: Sendable {
    /// The servers.
    var servers: [Located<ServerConfig>] = []

    /// How requests are spread over them.
    var balancing = BalancingConfig()

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
            Key("balance", \.balancing.method, .balanceMethod),
            Key("affinity", \.balancing.affinity, .sectionOrOff(AffinityConfig.shape)),
            Key("slow_start", \.balancing.slowStart, .slowStart),
            Key("protocol", \.speaks, .choice),
            Key("timeouts", \.timeouts, .section(BackendTimeoutConfig.shape)),
            Key("retries", \.retries, .sectionOrOff(RetryConfig.shape)),
            Key("limits", \.limits, .section(BackendLimitConfig.shape)),
        ],
        check: { draft, _, mark, context in
            guard !draft.servers.isEmpty, draft.servers.allSatisfy({ $0.value.weight == 0 })
            else { return }
            context.error("no server has a weight above 0: nobody would be served", at: mark)
        })
}
