/// An entry of `sites` before the file as a whole has been judged.
struct SiteDraft: Sendable {
    /// The hosts that requests name.
    var hosts: [Located<String>] = []

    /// What clients speak.
    var service = Located(value: SiteProtocol.http, mark: SourceMark())

    /// The application protocols of a site that is not HTTP.
    var alpn: [Located<String>] = []

    /// The pairs to choose from; nil where the key is absent.
    var certificates: [CertificatePair]?

    /// Where requests go by their path.
    var routes: [RouteDraft] = []

    /// Where all requests go; nil where it was absent or wrong.
    var backend: Located<BackendReference>?

    /// What is negotiated otherwise; nil where the key is absent.
    var tls: Located<SiteTLSConfig>?

    /// What browsers are told about TLS.
    var hsts: Located<HSTSConfig?>?

    /// Whether responses get security fields.
    var securityHeaders = false

    /// What happens on the way to every route that says nothing else.
    var rules = RuleDraft()

    /// The keys of an entry of `sites`.
    static let shape = Shape(
        SiteDraft(),
        keys: [
            Key("hosts", \.hosts, .oneOrMore(.located(.siteHost)), required: true),
            Key("protocol", \.service, .located(.choice)),
            Key("alpn", \.alpn, .oneOrMore(.located(.protocolName))),
            Key(
                "certificates", \.certificates,
                .optional(.list(of: .section(CertificatePair.shape)))),
            Key("routes", \.routes, .list(of: .section(RouteDraft.shape))),
            Key("backend", \.backend, .optional(.located(.backendReference))),
            Key("tls", \.tls, .optional(.located(.section(SiteTLSConfig.shape)))),
            Key("hsts", \.hsts, .optional(.located(.sectionOrOff(HSTSConfig.shape)))),
            Key("security_headers", \.securityHeaders, .boolean),
        ] + RuleDraft.keys(at: \.rules),
        check: { site, present, mark, context in
            guard site.service.value == .http else {
                site.checkTCP(present, mark, &context)
                return
            }
            if let alpn = site.alpn.first {
                context.error(
                    "'alpn' needs 'protocol: tcp' or 'passthrough'\(context.place): HTTP sites"
                        + " speak h2 and http/1.1", at: alpn.mark)
            }
            let given = (["routes"] + RuleDraft.actions).filter(present.contains)
            if given.isEmpty {
                context.error("missing key 'routes' or 'backend'\(context.place)", at: mark)
            } else if given.count > 1 {
                context.error(
                    "'\(given[0])' and '\(given[1])' exclude each other\(context.place)", at: mark)
            }
            site.rules.check(present, at: mark, &context)
        })
}
