/// Puts the decoded parts together and judges them beside each other.
///
/// Parts with mistakes of their own are judged as far as they go, so that all mistakes of a file
/// are reported at once; the result counts only where none was.
struct Assembly {
    /// What has been found so far.
    var context: DecodingContext

    private let draft: ConfigDraft

    private var backends: [BackendConfig] = []
    private var backendIndices: [String: Int] = [:]
    private var usedBackends: Set<String> = []

    /// Begins with what decoding made and found.
    init(draft: ConfigDraft, context: DecodingContext) {
        self.draft = draft
        self.context = context
    }

    /// Makes the configuration, and reports what does not go together.
    mutating func assemble() -> ProxyConfig {
        var config = draft.config
        if let admin = draft.admin { config.admin = admin.value }
        config.listeners = draft.listeners.map(listener)
        checkAddresses()
        checkRedirects()
        collectBackends()
        config.sites = draft.sites.map { site($0) }
        checkHosts()
        checkCertificates()
        checkOffers()
        checkSecurity()
        reportUnusedBackends()
        config.backends = backends
        return config
    }

    private func listener(_ draft: Located<ListenerDraft>) -> ListenerConfig {
        ListenerConfig(
            addresses: draft.value.addresses.map(\.value), tls: draft.value.tls,
            offer: draft.value.setting.override.applied(to: self.draft.config.tls.offer),
            http2: draft.value.tls && draft.value.http2?.value ?? true,
            redirectToHTTPS: draft.value.redirect?.value ?? false,
            proxies: draft.value.proxies?.from, mark: draft.mark)
    }

    // MARK: - Backends

    /// Gives each entry of `backends` its index; those that sites name by a URL follow later.
    private mutating func collectBackends() {
        for (name, item) in draft.backends {
            var first: [AddressConfig: SourceMark] = [:]
            for server in item.servers {
                let address = server.value.address
                if let mark = first.updateValue(server.mark, forKey: address) {
                    context.error(
                        "the server \(quoted(server.value.text)) is already listed at \(mark)",
                        at: server.mark)
                }
            }
            if name.value.isEmpty || name.value.contains("://") {
                context.error(
                    "\(quoted(name.value)) is not a name for a backend", at: name.mark)
            }
            backendIndices[name.value] = backends.count
            let servers = item.servers.map { server in
                var value = server.value
                value.mark = server.mark
                return value
            }
            var backend = BackendConfig(
                name: name.value, servers: servers, speaks: item.speaks.value,
                tls: item.tls, proxyHeader: item.proxyHeader.value)
            backend.balancing = item.balancing
            backend.health = item.health?.value
            backend.outliers = item.outliers
            backend.panicThreshold = item.panicThreshold
            backends.append(backend)
        }
    }

    private mutating func index(of reference: Located<BackendReference>) -> Int? {
        switch reference.value {
        case .name(let name):
            usedBackends.insert(name)
            if let index = backendIndices[name] { return index }
            let suggestion = context.suggestion(
                for: name, among: draft.backends.map(\.name.value))
            context.error("there is no backend \(quoted(name))\(suggestion)", at: reference.mark)
            return nil
        case .url(let url, let address, let isTLS):
            if let index = backendIndices[url] { return index }
            let text = String(url.dropFirst(isTLS ? "https://".count : "http://".count))
            backendIndices[url] = backends.count
            backends.append(
                BackendConfig(
                    name: url,
                    servers: [ServerConfig(address: address, text: text, mark: reference.mark)],
                    tls: isTLS ? BackendTLSConfig(mark: reference.mark) : nil))
            return backends.count - 1
        }
    }

    private mutating func reportUnusedBackends() {
        for (name, _) in draft.backends where !usedBackends.contains(name.value) {
            context.warning("no site uses the backend \(quoted(name.value))", at: name.mark)
        }
    }

    // MARK: - Sites

    private mutating func site(_ draft: Located<SiteDraft>) -> SiteConfig {
        var routes: [RouteConfig] = []
        if let backend = draft.value.backend, let index = index(of: backend) {
            routes.append(RouteConfig(path: "/", backend: index))
        }
        var first: [String: SourceMark] = [:]
        for route in draft.value.routes {
            let index = route.backend.flatMap { self.index(of: $0) }
            guard let path = route.path else { continue }
            if let mark = first.updateValue(path.mark, forKey: path.value) {
                context.error(
                    "the site already has a route for \(quoted(path.value)) at \(mark)",
                    at: path.mark)
            }
            guard let index else { continue }
            routes.append(
                RouteConfig(
                    path: path.value, backend: index, requestRate: route.requestRate))
        }
        return SiteConfig(
            hosts: draft.value.hosts.map(\.value), certificates: draft.value.certificates ?? [],
            routes: routes, tls: draft.value.tls?.value ?? SiteTLSConfig(),
            hsts: draft.value.hsts?.value, securityHeaders: draft.value.securityHeaders,
            mark: draft.mark)
    }

    /// Each host has one site.
    private mutating func checkHosts() {
        var claims: [String: (site: Int, mark: SourceMark)] = [:]
        for (index, site) in draft.sites.enumerated() {
            for host in site.value.hosts {
                guard let claim = claims[host.value] else {
                    claims[host.value] = (index, host.mark)
                    continue
                }
                let who = claim.site == index ? "this site" : "another site"
                context.error(
                    "\(who) already claims the host \(quoted(host.value)) at \(claim.mark)",
                    at: host.mark)
            }
        }
    }

    /// A client that asks a TLS listener for a host gets a certificate.
    private mutating func checkCertificates() {
        guard let listener = draft.listeners.first(where: \.value.tls) else { return }
        for site in draft.sites where site.value.certificates == nil {
            let name = site.value.hosts.first.map { " of \(quoted($0.value))" } ?? ""
            context.error(
                "the site\(name) needs 'certificates': the listener at \(listener.mark) serves TLS",
                at: site.mark)
        }
    }

    /// What a site negotiates is chosen by the name in the ClientHello; who asks for an address
    /// sends none and gets what the first site negotiates (RFC 6066 §3).
    private mutating func checkOffers() {
        for site in draft.sites.dropFirst() {
            guard let tls = site.value.tls,
                !tls.value.override.isEmpty || tls.value.clientCertificates != nil
            else { continue }
            let names = site.value.hosts.filter { host in
                IPLiteral(host.value) == nil && !host.value.hasPrefix("[")
            }
            guard names.isEmpty, let host = site.value.hosts.first else { continue }
            context.error(
                "\(quoted(host.value)) is an address, which no ClientHello names:"
                    + " clients get what the first site or the listener negotiates; say it there",
                at: tls.mark)
        }
    }

    /// What is said and never done.
    private mutating func checkSecurity() {
        let hasTLS = draft.listeners.contains(where: \.value.tls)
        for site in draft.sites {
            if !hasTLS, let hsts = site.value.hsts, hsts.value != nil {
                context.warning(
                    "'hsts' is never sent: no listener serves TLS, and browsers believe it there"
                        + " alone", at: hsts.mark)
            }
            if let tls = site.value.tls, tls.value.earlyData == true,
                tls.value.clientCertificates != nil
            {
                context.warning(
                    "early data is never accepted where clients are asked for certificates",
                    at: tls.mark)
            }
        }
    }

    // MARK: - Listeners

    /// Each address is listened on once; port 0 is a new port each time.
    private mutating func checkAddresses() {
        var first: [AddressConfig: SourceMark] = [:]
        var addresses = draft.listeners.flatMap(\.value.addresses)
        if let admin = draft.admin, let value = admin.value {
            addresses.append(Located(value: value.address, mark: admin.mark))
        }
        for address in addresses where address.value.port != 0 {
            if let mark = first.updateValue(address.mark, forKey: address.value) {
                context.error(
                    "the address \(quoted(address.value.description)) is already taken at \(mark)",
                    at: address.mark)
            }
        }
        let standard = AdminConfig().address
        if draft.admin == nil, let mark = first[standard] {
            context.error(
                "the address '\(standard)' is that of the admin endpoint unless 'admin' is given",
                at: mark)
        }
    }

    /// A redirect leads to a port that serves TLS.
    private mutating func checkRedirects() {
        let target = draft.listeners.first { listener in
            listener.value.tls && listener.value.addresses.contains { $0.value.port != nil }
        }
        guard target == nil else { return }
        for listener in draft.listeners {
            guard let redirect = listener.value.redirect, redirect.value, !listener.value.tls else {
                continue
            }
            context.error(
                "'redirect_to_https' needs another listener that serves TLS", at: redirect.mark)
        }
    }
}
