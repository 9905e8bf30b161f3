/// What a route or a site says about requests on their way; nil where it says nothing.
struct RuleDraft: Sendable {
    /// What is taken off the begin of paths.
    enum Prefix: Sendable, Equatable {
        /// Nothing.
        case none
        /// The path of the route.
        case route
        /// This one.
        case text(String)
    }

    /// What is taken off the begin of paths.
    var stripPrefix: Prefix?
    /// What takes the place of the path.
    var rewrite: RuleText??
    /// The host that the backend gets.
    var host: String??
    /// What becomes of the fields of requests.
    var requestHeaders = FieldEditConfig()
    /// What becomes of the fields of responses.
    var responseHeaders = FieldEditConfig()
    /// Where clients are sent.
    var redirect: RedirectDraft?
    /// What everybody is answered.
    var respond: RespondConfig?
    /// Who may ask.
    var allow: [AddressBlock]??
    /// Who may not.
    var deny: [AddressBlock]??
    /// Who may ask by name and password.
    var basicAuth: BasicAuthConfig??
    /// The deadlines that differ.
    var timeouts = RouteTimeoutConfig()
    /// The bounds that differ.
    var limits = RouteLimitConfig()
    /// What becomes of traces.
    var trace: TraceRule?
    /// How requests are told apart.
    var requestID: RequestIDConfig??

    /// What is answered in the place of a backend.
    var action: RouteAction? {
        if let redirect, let target = redirect.target {
            return .redirect(RedirectConfig(target: target, status: redirect.status))
        }
        return respond.map { .respond($0) }
    }

    /// The rules of a route with this path in a site with these rules: the route's word wins.
    func rules(path: String, site: RuleDraft) -> RuleConfig {
        let addresses = addresses(site: site)
        return RuleConfig(
            stripPrefix: RuleDraft.prefix(stripPrefix ?? site.stripPrefix, path: path),
            rewrite: (rewrite ?? site.rewrite) ?? nil, host: (host ?? site.host) ?? nil,
            requestHeaders: requestHeaders.merged(over: site.requestHeaders),
            responseHeaders: responseHeaders.merged(over: site.responseHeaders),
            action: action ?? site.action, allow: addresses.allow, deny: addresses.deny,
            basicAuth: (basicAuth ?? site.basicAuth) ?? nil,
            timeouts: timeouts.merged(over: site.timeouts),
            limits: limits.merged(over: site.limits), trace: trace ?? site.trace ?? .pass,
            requestID: (requestID ?? site.requestID) ?? nil)
    }

    /// Who may ask and who may not: what the route says of a block counts, and what the site says
    /// of all others stays.
    private func addresses(site: RuleDraft) -> (allow: [AddressBlock]?, deny: [AddressBlock]) {
        let ownAllow = (allow ?? nil) ?? []
        let ownDeny = (deny ?? nil) ?? []
        let allowed = Set(ownAllow.map(\.unmapped))
        let denied = Set(ownDeny.map(\.unmapped))
        let siteAllow = (site.allow ?? nil)?.filter { !denied.contains($0.unmapped) }
        let siteDeny = ((site.deny ?? nil) ?? []).filter { !allowed.contains($0.unmapped) }
        let inherited: [AddressBlock] =
            switch deny {
            case .some(.none): []
            default: siteDeny.filter { !denied.contains($0.unmapped) }
            }
        return (allow ?? siteAllow, inherited + ownDeny)
    }

    private static func prefix(_ prefix: Prefix?, path: String) -> String? {
        var text =
            switch prefix {
            case .text(let text): text
            case .route: path
            case .some(.none), nil: ""
            }
        while text.hasSuffix("/") { text.removeLast() }
        return text.isEmpty ? nil : text
    }
}
