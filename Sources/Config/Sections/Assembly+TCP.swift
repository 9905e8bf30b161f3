extension Assembly {
    /// Each host has one site for each protocol that clients may offer.
    mutating func checkHosts() {
        var claims: [String: [String: (site: Int, mark: SourceMark)]] = [:]
        for (index, site) in draft.sites.enumerated() {
            for host in site.value.hosts {
                for name in site.value.claimedProtocols {
                    guard let claim = claims[host.value]?[name] else {
                        claims[host.value, default: [:]][name] = (index, host.mark)
                        continue
                    }
                    let who = claim.site == index ? "this site" : "another site"
                    let what = name.isEmpty ? "" : " for the protocol \(quoted(name))"
                    context.error(
                        "\(who) already claims the host \(quoted(host.value))\(what)"
                            + " at \(claim.mark)",
                        at: host.mark)
                    break
                }
            }
        }
    }

    /// The backend of requests.
    mutating func requestBackend(_ reference: Located<BackendReference>) -> Int? {
        if reference.value.isRaw == true {
            context.error(
                "requests need a backend's name or 'http://'; 'tcp://' is for 'protocol: tcp'",
                at: reference.mark)
            return nil
        }
        return index(of: reference)
    }

    /// The backend of bytes that are passed on as they are; `endsTLS` is false where they are TLS.
    mutating func rawBackend(_ reference: Located<BackendReference>, endsTLS: Bool) -> Int? {
        if reference.value.isRaw == false {
            context.error(
                "bytes that are passed on need a backend's name or 'tcp://HOST:PORT'",
                at: reference.mark)
            return nil
        }
        guard let index = index(of: reference) else { return nil }
        let name = quoted(backends[index].name)
        let speaks = backends[index].speaks
        if backends[index].tls != nil, !endsTLS {
            context.error(
                "the backend \(name) has 'tls', and what passes through is TLS already",
                at: reference.mark)
        }
        if speaks.isHTTP2 {
            context.error(
                "the backend \(name) speaks \(speaks.rawValue); bytes are passed on as"
                    + " they are, so that no protocol is spoken to it", at: reference.mark)
        }
        return index
    }

    /// A site that is not HTTP is reached by a ClientHello alone.
    mutating func checkReach() {
        guard !draft.listeners.contains(where: \.value.tls) else { return }
        for site in draft.sites where site.value.service.value != .http {
            context.error(
                "'protocol: \(site.value.service.value)' needs a listener that serves TLS: sites"
                    + " are told apart by the ClientHello; a listener with 'tls: false' may have a"
                    + " 'backend' of its own", at: site.value.service.mark)
        }
    }
}

extension SiteDraft {
    /// What the site is told by from others of its hosts; the empty name stands for every client
    /// that offers nothing else.
    fileprivate var claimedProtocols: [String] {
        guard service.value == .http else { return alpn.isEmpty ? [""] : alpn.map(\.value) }
        return ["", "h2", "http/1.1"]
    }
}
