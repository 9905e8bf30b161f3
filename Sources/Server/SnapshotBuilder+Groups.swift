internal import Config
internal import Platform
internal import Proxy
internal import TLS
internal import Telemetry

extension SnapshotBuilder {
    /// Builds the groups of all backends, with the servers that can be found.
    mutating func buildGroups(
        _ config: ProxyConfig, _ contexts: [String: TLSClientContext],
        _ surroundings: Surroundings, _ diagnostics: inout [Diagnostic]
    ) -> [UpstreamGroup] {
        let occasion = surroundings.occasion
        let faults = discovery?.prepare(config, occasion) ?? []
        for backend in config.backends {
            checkNames(backend, occasion, &diagnostics)
            guard case .file(let file) = backend.discovery else { continue }
            // A file that was good before goes on as it was, unless somebody looks.
            for fault in faults where fault.hasPrefix(file.path + ":") {
                diagnostics.append(
                    Diagnostic(
                        .error, file: self.file, mark: file.mark,
                        message: "backend '\(backend.name)': \(fault)"))
            }
        }
        return config.backends.map {
            group($0, contexts[$0.name], workers: surroundings.workers)
        }
    }

    /// Builds the group of one backend that is served, of what is known at the moment.
    func group(_ backend: BackendConfig, workers: Int) -> UpstreamGroup {
        group(backend, backendContexts[backend.name], workers: workers)
    }

    private func group(
        _ backend: BackendConfig, _ context: TLSClientContext?, workers: Int
    ) -> UpstreamGroup {
        var group = UpstreamGroup(
            name: backend.name,
            servers: servers(of: backend).compactMap { plan($0, backend, context) },
            balancing: backend.balancing)
        group.policy = BackendPolicy(
            timeouts: backend.timeouts, retries: backend.retries, limits: backend.limits,
            workers: workers)
        return withHealth(group, backend)
    }

    /// Where TLS is to be spoken and cannot be, the server is left out: nobody may fall back to
    /// plaintext.
    private func plan(
        _ server: FoundServer, _ backend: BackendConfig, _ context: TLSClientContext?
    ) -> ServerPlan? {
        let tls = backend.serverTLS(server, context)
        guard backend.tls == nil || tls != nil else { return nil }
        var plan = ServerPlan(
            name: server.name, address: server.address,
            label: registry.server(backend: backend.name, server: server.name),
            speaks: backend.speaks,
            tls: tls, proxyHeader: backend.proxyVersion)
        plan.weight = server.weight
        plan.isBackup = server.isBackup
        plan.kin = server.kin
        plan.host = server.host
        return plan
    }

    private func servers(of backend: BackendConfig) -> [FoundServer] {
        if let discovery { return discovery.servers(of: backend) }
        return backend.servers.compactMap { server in
            SocketAddress("\(server.address)").map {
                FoundServer(
                    name: server.text, address: $0, weight: server.weight,
                    isBackup: server.isBackup)
            }
        }
    }

    // MARK: - Names that nobody knows

    private func checkNames(
        _ backend: BackendConfig, _ occasion: BuildOccasion, _ diagnostics: inout [Diagnostic]
    ) {
        for server in discovery?.listed(backend) ?? backend.servers {
            guard case .name(let host, _) = server.address else { continue }
            let isListed = backend.discovery == nil
            check(
                .host(host), "server '\(server.text)' of backend '\(backend.name)'",
                at: isListed ? server.mark : backend.discoveryMark, occasion, &diagnostics)
        }
        guard case .service(let name) = backend.discovery else { return }
        check(
            .service(name), "backend '\(backend.name)'", at: backend.discoveryMark, occasion,
            &diagnostics)
        for service in discovery?.services(name) ?? [] {
            check(
                .target(service.target), "server '\(service.target)' of backend '\(backend.name)'",
                at: backend.discoveryMark, occasion, &diagnostics)
        }
    }

    /// Says that a name could not be looked up: an error where somebody looks and the name does not
    /// exist, else a warning, since name servers may be back sooner than anybody is there.
    private func check(
        _ question: NameQuestion, _ subject: String, at mark: SourceMark,
        _ occasion: BuildOccasion, _ diagnostics: inout [Diagnostic]
    ) {
        let entry = discovery?.book[question]
        guard entry?.answer == nil, occasion != .renewal else { return }
        let failure = entry?.failure ?? .timeout
        let isNew = occasion == .check || occasion == .reload
        let isServed = discovery?.isServed(question) ?? false
        let isError = failure == .notFound && isNew && !isServed
        let end =
            isError
            ? "check the name, or write its address"
            : "it is down until the name can be looked up"
        diagnostics.append(
            Diagnostic(
                isError ? .error : .warning, file: file, mark: mark,
                message: "\(subject): resolve \(question.name): \(failure); \(end)"))
    }
}
