/// The whole file, decoded key by key, before its parts have been compared.
struct ConfigDraft: Sendable {
    /// All that needs no comparison; its listeners, sites and backends are empty.
    var config = ProxyConfig()

    /// Where the admin endpoint is served; nil for the default.
    var admin: Located<AdminConfig?>?

    /// The entries of `listeners`.
    var listeners: [Located<ListenerDraft>] = []

    /// The entries of `sites`.
    var sites: [Located<SiteDraft>] = []

    /// The entries of `backends`.
    var backends: [(name: Located<String>, item: BackendDraft)] = []

    /// The keys of the file.
    static let shape = Shape(
        ConfigDraft(),
        keys: [
            Key(
                "listeners", \.listeners, .list(of: .located(.section(ListenerDraft.shape))),
                required: true),
            Key("admin", \.admin, .optional(.located(.sectionOrOff(AdminConfig.shape)))),
            Key("workers", \.config.workers, .workerCount),
            Key("pin_workers", \.config.pinWorkers, .boolean),
            Key("sites", \.sites, .list(of: .located(.section(SiteDraft.shape)))),
            Key("backends", \.backends, .named(.section(BackendDraft.shape))),
            Key("tls", \.config.tls, .section(TLSConfig.shape)),
            Key("timeouts", \.config.timeouts, .section(TimeoutConfig.shape)),
            Key("limits", \.config.limits, .section(LimitConfig.shape)),
            Key("http2", \.config.http2, .section(HTTP2Config.shape)),
            Key("http", \.config.http, .section(HTTPConfig.shape)),
            Key("forwarding", \.config.forwarding, .section(ForwardingConfig.shape)),
            Key("dns", \.config.dns, .section(DNSConfig.shape)),
            Key("upstream", \.config.upstream, .section(UpstreamConfig.shape)),
            Key("access_log", \.config.accessLog, .sectionOrOff(AccessLogConfig.shape)),
            Key("event_log", \.config.eventLog, .section(EventLogConfig.shape)),
        ],
        check: { draft, present, mark, context in
            let needsSites = draft.listeners.contains { $0.value.backend == nil }
            guard !present.contains("sites"), needsSites || draft.listeners.isEmpty else { return }
            context.error("missing key 'sites'\(context.place)", at: mark)
        })
}

extension ValueKind<WorkerCount> {
    /// A number of workers, or `auto`.
    static let workerCount = ValueKind<Int?>.integer(1...1024, orWord: "auto")
        .map { $0.map(WorkerCount.count) ?? .auto }
}
