/// An entry of `backends` before its servers have been compared.
struct BackendDraft: Sendable {
    /// The servers.
    var servers: [Located<ServerConfig>] = []

    /// Where they are found, in place of a list.
    var discovery: Located<DiscoveryDraft>?

    /// How often their names are looked up again.
    var resolve = ResolveConfig.automatic

    /// What they speak.
    var speaks = BackendProtocol.http1

    /// The keys of an entry of `backends`.
    static let shape = Shape(
        BackendDraft(),
        keys: [
            Key("servers", \.servers, .oneOrMore(.located(.server))),
            Key(
                "discovery", \.discovery,
                .optional(.located(.section(DiscoveryDraft.shape)))),
            Key("resolve", \.resolve, .resolve),
            Key("protocol", \.speaks, .choice),
        ],
        check: { draft, present, mark, context in
            checkSource(draft, present, mark, &context)
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
}
