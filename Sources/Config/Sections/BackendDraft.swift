/// An entry of `backends` before its servers have been compared.
struct BackendDraft: Sendable {
    /// The servers.
    var servers: [Located<ServerConfig>] = []

    /// How requests are spread over them.
    var balancing = BalancingConfig()

    /// What they speak.
    var speaks = Located(value: BackendProtocol.http1, mark: SourceMark())

    /// How TLS is spoken with them; nil where it is not.
    var tls: BackendTLSConfig?

    /// The header that connections to them begin with.
    var proxyHeader = Located(value: ProxyHeaderConfig.off, mark: SourceMark())

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
            Key("servers", \.servers, .oneOrMore(.located(.server)), required: true),
            Key("balance", \.balancing.method, .balanceMethod),
            Key("affinity", \.balancing.affinity, .sectionOrOff(AffinityConfig.shape)),
            Key("slow_start", \.balancing.slowStart, .slowStart),
            Key("protocol", \.speaks, .located(.choice)),
            Key("tls", \.tls, .backendTLS),
            Key("proxy_protocol", \.proxyHeader, .located(.choice)),
            Key("health", \.health, .optional(.located(.sectionOrOff(HealthConfig.shape)))),
            Key("outliers", \.outliers, .outliers),
            Key("panic_threshold", \.panicThreshold, .integer(0...100)),
        ],
        check: { draft, _, mark, context in
            draft.checkConnection(&context)
            draft.judgeHealth(&context)
            draft.judgeWeights(mark, &context)
        })

    /// Somebody must take new clients.
    private func judgeWeights(_ mark: SourceMark, _ context: inout DecodingContext) {
        guard !servers.isEmpty, servers.allSatisfy({ $0.value.weight == 0 }) else { return }
        context.error("no server has a weight above 0: nobody would be served", at: mark)
    }

    /// A check must be able to speak to the servers.
    private func judgeHealth(_ context: inout DecodingContext) {
        guard let located = health, let health = located.value else { return }
        if health.kind == .http, speaks.value.isHTTP2, health.port == nil {
            context.error(
                "checks of type http speak HTTP/1.1, which servers of HTTP/2 need not"
                    + " understand; write 'type: tcp', or 'port' for one where they do",
                at: located.mark)
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
        guard let tls, tls.verifies, tls.serverName == nil else { return }
        for server in servers {
            guard case .unix = server.value.address else { continue }
            context.error(
                "the server \(quoted(server.value.text)) has no host name that its certificate"
                    + " could be for; say it by 'server_name' in 'tls'",
                at: server.mark)
        }
    }
}
