/// An entry of `backends` before its servers have been compared.
struct BackendDraft: Sendable {
    /// The servers.
    var servers: [Located<ServerConfig>] = []

    /// What they speak.
    var speaks = Located(value: BackendProtocol.http1, mark: SourceMark())

    /// How TLS is spoken with them; nil where it is not.
    var tls: BackendTLSConfig?

    /// The header that connections to them begin with.
    var proxyHeader = Located(value: ProxyHeaderConfig.off, mark: SourceMark())

    /// The keys of an entry of `backends`.
    static let shape = Shape(
        BackendDraft(),
        keys: [
            Key("servers", \.servers, .oneOrMore(.located(.server)), required: true),
            Key("protocol", \.speaks, .located(.choice)),
            Key("tls", \.tls, .backendTLS),
            Key("proxy_protocol", \.proxyHeader, .located(.choice)),
        ],
        check: { draft, _, _, context in draft.checkConnection(&context) })

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
