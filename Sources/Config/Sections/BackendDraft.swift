/// An entry of `backends` before its servers have been compared.
struct BackendDraft: Sendable {
    /// The servers.
    var servers: [Located<ServerConfig>] = []

    /// Where they are found, in place of a list.
    var discovery: Located<DiscoveryDraft>?

    /// How often their names are looked up again.
    var resolve = ResolveConfig.automatic

    /// How requests are spread over them.
    var balancing = BalancingConfig()

    /// What they speak.
    var speaks = Located(value: BackendProtocol.http1, mark: SourceMark())

    /// How TLS is spoken with them; nil where it is not.
    var tls: BackendTLSConfig?

    /// The header that connections to them begin with.
    var proxyHeader = Located(value: ProxyHeaderConfig.off, mark: SourceMark())

    /// Their deadlines.
    var timeouts = BackendTimeoutConfig()

    /// When a request is sent again; nil for never.
    var retries: RetryConfig? = RetryConfig()

    /// How much of everything they get.
    var limits = BackendLimitConfig()

    /// How they are checked.
    var health: Located<HealthConfig?>?

    /// When they are left out for how they answer requests.
    var outliers: OutlierConfig?

    /// Below which share of servers that are well all are used.
    var panicThreshold = 0

    /// The keys of an entry of `backends`.
    static let shape = Shape(
        BackendDraft(),
        keys: [
            Key("servers", \.servers, .oneOrMore(.located(.server))),
            Key(
                "discovery", \.discovery,
                .optional(.located(.section(DiscoveryDraft.shape)))),
            Key("resolve", \.resolve, .resolve),
            Key("balance", \.balancing.method, .balanceMethod),
            Key("affinity", \.balancing.affinity, .sectionOrOff(AffinityConfig.shape)),
            Key("slow_start", \.balancing.slowStart, .slowStart),
            Key("protocol", \.speaks, .located(.choice)),
            Key("tls", \.tls, .backendTLS),
            Key("proxy_protocol", \.proxyHeader, .located(.choice)),
            Key("timeouts", \.timeouts, .section(BackendTimeoutConfig.shape)),
            Key("retries", \.retries, .sectionOrOff(RetryConfig.shape)),
            Key("limits", \.limits, .section(BackendLimitConfig.shape)),
            Key("health", \.health, .optional(.located(.sectionOrOff(HealthConfig.shape)))),
            Key("outliers", \.outliers, .outliers),
            Key("panic_threshold", \.panicThreshold, .integer(0...100)),
        ],
        check: { draft, present, mark, context in
            checkSource(draft, present, mark, &context)
            draft.judgeHealth(&context)
            draft.judgeWeights(mark, &context)
            draft.checkConnection(&context)
        })

    /// Servers are listed, or found.
    private static func checkSource(
        _ draft: BackendDraft, _ present: Set<String>, _ mark: SourceMark,
        _ context: inout DecodingContext
    ) {
        let isListed = present.contains("servers")
        if isListed, let discovery = draft.discovery {
            context.error(
                "'discovery' takes the place of 'servers'; leave one of them out",
                at: discovery.mark)
        } else if !isListed, !present.contains("discovery") {
            context.error("missing key 'servers'" + context.place, at: mark)
        }
    }

    /// Somebody must take new clients.
    private func judgeWeights(_ mark: SourceMark, _ context: inout DecodingContext) {
        guard !servers.isEmpty, servers.allSatisfy({ $0.value.weight == 0 }) else { return }
        context.error("no server has a weight above 0: nobody would be served", at: mark)
    }

    /// A check must be able to speak to the servers.
    private func judgeHealth(_ context: inout DecodingContext) {
        guard let located = health, let health = located.value else { return }
        if health.kind == .grpc, !speaks.value.isHTTP2, health.port == nil {
            context.error(
                "checks of type grpc speak HTTP/2; write 'protocol: h2c' or 'protocol: h2', or"
                    + " 'port' for one that does", at: located.mark)
        }
        guard health.port != nil else { return }
        for server in servers where server.value.address.port == nil {
            context.error(
                "'port' means nothing to \(quoted(server.value.text)), which has none",
                at: located.mark)
        }
    }

    /// Judges what is said of connections.
    private func checkConnection(_ context: inout DecodingContext) {
        if speaks.value == .h2c, tls != nil {
            context.error(
                "'h2c' is HTTP/2 without TLS; with 'tls', write 'protocol: h2'", at: speaks.mark)
        }
        if speaks.value == .h2, tls == nil {
            context.error(
                "'h2' is HTTP/2 over TLS; add 'tls: true', or write 'protocol: h2c'",
                at: speaks.mark)
        }
        if proxyHeader.value != .off, speaks.value.isHTTP2 {
            context.error(
                "'proxy_protocol' needs 'protocol: http/1.1': it names one client for a whole"
                    + " connection, which HTTP/2 shares between many",
                at: proxyHeader.mark)
        }
        guard let tls, tls.needsHosts else { return }
        for server in servers {
            guard case .unix = server.value.address else { continue }
            context.missesHost(server.value, at: server.mark)
        }
        // Whoever can forge an SRV record has a certificate for the target that it names
        // (RFC 9525 §6.1).
        guard let discovery, discovery.value.service != nil, tls.pins.isEmpty else { return }
        context.error(
            "anybody who can forge SRV records chooses the names in them: with 'tls', say by"
                + " 'server_name' or 'pins' whom to trust",
            at: discovery.mark)
    }
}
