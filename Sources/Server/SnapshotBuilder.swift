internal import Config
internal import HTTP
internal import Platform
internal import Proxy
internal import TLS
internal import Telemetry

/// Builds snapshots: all that is slow or can fail on the way from a configuration to something that
/// workers serve.
///
/// `martlet check`, start and reload run the same function, so that what the check accepts is what
/// will run. Control thread only.
struct SnapshotBuilder {
    /// The configuration's file, for diagnostics.
    let file: String
    let registry: MetricsRegistry
    /// Nil where nothing is stapled.
    var staples: StapleLoader?
    /// What finds servers by names and files; nil where every server has an address.
    var discovery: Discovery?
    /// What is known of servers; nil where nothing is going to be served.
    var standings: StandingBoard?
    private var loader = CredentialLoader()
    private var backendLoader: BackendTLSLoader
    /// What is being served of files other than certificates.
    let files = ServedFiles()
    /// How TLS is spoken with the backends that are served, by their names; those of a build that
    /// comes to nothing must not take their place.
    var backendContexts: [String: TLSClientContext] = [:]
    /// The buckets of all rates; they outlive every configuration. Nil while none had a rate.
    private var rates: RateBuckets?
    /// Who looks at passwords; outlives every configuration. Nil while none asked for any.
    private var passwords: PasswordChecker?
    private let passwordSeed: [UInt8] = {
        var system = SystemRandomNumberGenerator()
        return (0..<32).map { _ in .random(in: .min ... .max, using: &system) }
    }()

    init(file: String, registry: MetricsRegistry) {
        self.file = file
        self.registry = registry
        backendLoader = BackendTLSLoader(files: files)
    }

    /// What a snapshot depends on beside its configuration and the files that it names.
    struct Surroundings {
        /// The number of the snapshot.
        let generation: UInt64
        let workers: Int
        /// How many connections the descriptors allow.
        let connectionLimit: Int
        let now: WallTime
        /// The keys of this process, used where the configuration names no file of them.
        let ticketKeys: TicketKeys
        /// What admits early data; nil where nothing is going to be served.
        var earlyData: EarlyDataGate?
        /// Why it is built.
        var occasion = BuildOccasion.check
        /// What becomes of files that do not load.
        var salvage = Salvage.off

        /// True exactly when what is being served stands in for what does not load.
        var salvages: Bool { salvage != .off }
    }

    /// What a build came to.
    struct Outcome {
        /// The snapshot; nil exactly when a diagnostic is an error.
        let snapshot: RuntimeSnapshot?
        let diagnostics: [Diagnostic]
        /// The certificates of each site, in the order of the configuration.
        var certificates: [[Credential]] = []
        /// The revocation lists by the paths of their files.
        var revocationLists: [String: RevocationLists] = [:]
        /// How TLS is spoken with the backends that have it, by their names.
        var backendContexts: [String: TLSClientContext] = [:]
        /// What backends show to their servers, by their names.
        var backendCredentials: [String: Credential] = [:]
    }

    /// Builds the snapshot of `config`.
    mutating func build(
        _ config: ProxyConfig, _ surroundings: Surroundings,
        released: @escaping @Sendable (UInt64) -> Void
    ) -> Outcome {
        var diagnostics: [Diagnostic] = []
        files.begin(salvages: surroundings.salvages)
        let certificates = loadCertificates(config, surroundings, &diagnostics)
        diagnostics +=
            staples?.prepare(
                config, certificates, file: file, now: surroundings.now,
                salvages: surroundings.salvages) ?? []
        let keys = loadTicketKeys(config, &diagnostics) ?? surroundings.ticketKeys
        var lists = RevocationListReader(file: file, now: surroundings.now, files: files)
        let policies = loadClientPolicies(config, now: surroundings.now, &lists, &diagnostics)
        let hosts = CredentialStore(
            sites: config.sites.enumerated().map { index, site in
                CredentialStore.Site(
                    hosts: site.hosts, credentials: certificates[index], index: index,
                    clientVerification: policies[index],
                    allowsEarlyData: site.tls.earlyData ?? config.tls.earlyData,
                    service: SiteService(site.service), alpn: site.alpn)
            },
            defaultSite: config.tls.unknownHost == .default && !config.sites.isEmpty ? 0 : nil,
            rejectsUnknownHosts: config.tls.unknownHost == .reject)
        let backends = backendLoader.load(config, file: file, &lists, &diagnostics)
        diagnostics += lists.diagnostics
        let groups = buildGroups(config, backends.contexts, surroundings, &diagnostics)
        var accounts = AccountLoader(file: file, files: files)
        accounts.load(config)
        diagnostics += accounts.diagnostics
        if let error = startPasswords(config) { diagnostics.append(error) }
        let listeners = self.listeners(
            config, hosts: hosts, keys, surroundings.earlyData, &diagnostics)
        guard !diagnostics.contains(where: { $0.severity == .error }) else {
            return Outcome(snapshot: nil, diagnostics: diagnostics)
        }
        let sites = config.sites.map { site in
            tcpSite(site)
                ?? SitePlan(
                    name: site.name, label: registry.site(site.name),
                    routes: routes(of: site, accounts: &accounts),
                    fields: SiteFields(hsts: site.hsts, securityHeaders: site.securityHeaders))
        }
        if rates == nil, config.hasRates { rates = RateBuckets() }
        let snapshot = RuntimeSnapshot(
            generation: surroundings.generation, listeners: listeners, hosts: hosts,
            credentials: certificates, sites: sites, groups: groups,
            settings: settings(config, surroundings),
            released: released)
        return Outcome(
            snapshot: snapshot, diagnostics: diagnostics, certificates: certificates,
            revocationLists: lists.lists, backendContexts: backends.contexts,
            backendCredentials: backends.credentials)
    }

    /// What was built last is going to be served.
    mutating func commit() {
        loader.commit()
        files.commit()
        staples?.commit()
    }

    private mutating func loadCertificates(
        _ config: ProxyConfig, _ surroundings: Surroundings, _ diagnostics: inout [Diagnostic]
    ) -> [[Credential]] {
        let now = surroundings.now
        loader.begin()
        var all: [[Credential]] = []
        var missing: Set<String> = []
        for site in config.sites {
            var credentials: [Credential] = []
            for pair in site.certificates {
                let (loaded, found) = loader.load(
                    pair, file: file, salvages: surroundings.salvages)
                diagnostics += found
                guard var credential = loaded else { continue }
                if surroundings.salvages {
                    credential = salvaged(credential, pair, surroundings)
                }
                if let flaw = credential.flaw(of: pair, inPlaceOf: loader.served(pair), now, file) {
                    diagnostics.append(flaw)
                }
                credentials.append(credential)
                // Once for each issuer: ten thousand sites may have one. Who tries the embedded
                // default is told how to trust its authority.
                if file != EmbeddedDefault.name, let issuer = credential.missingIssuer,
                    missing.insert(issuer).inserted
                {
                    diagnostics.append(incomplete(pair, issuer: issuer))
                }
            }
            for host in site.hosts
            where !credentials.isEmpty && !credentials.contains(where: { $0.covers(host: host) }) {
                diagnostics.append(
                    Diagnostic(
                        .warning, file: file, mark: site.mark,
                        message: "no certificate of this site covers its host '\(host)'"))
            }
            all.append(credentials)
        }
        loader.keep()
        return all
    }

    /// What is being served in the place of a certificate that would keep all others from being
    /// served; the certificate itself where it would not, or where nothing is served.
    private mutating func salvaged(
        _ credential: Credential, _ pair: CertificatePair, _ surroundings: Surroundings
    ) -> Credential {
        guard let old = loader.served(pair), old !== credential else { return credential }
        let now = surroundings.now
        let isFit =
            !credential.lacksStaple(pair, now: now)
            && credential.flaw(of: pair, inPlaceOf: old, now, file)?.severity != .error
            && (surroundings.salvage != .keys || credential.keyForm == old.keyForm)
        return isFit ? credential : loader.standIn(for: pair) ?? credential
    }

    /// A chain without its middle serves those clients that have seen the middle elsewhere.
    private func incomplete(_ pair: CertificatePair, issuer: String) -> Diagnostic {
        Diagnostic(
            .warning, file: file, mark: pair.chainMark,
            message: "the chain of '\(pair.chain)' lacks the certificate of its issuer "
                + "'\(issuer)': clients that do not know it will refuse; append it to the file")
    }

    /// What to listen on, with contexts of TLS made anew.
    func listeners(
        _ config: ProxyConfig, hosts: CredentialStore, _ ticketKeys: TicketKeys,
        _ earlyData: EarlyDataGate?, _ diagnostics: inout [Diagnostic]
    ) -> [ListenerPlan] {
        var contexts = ContextSet(
            config, hosts: hosts, ticketKeys: ticketKeys, earlyData: earlyData, file: file)
        let hasCertificates = config.sites.contains {
            !$0.certificates.isEmpty || $0.service == .passthrough
        }
        let redirectPort = config.listeners.first(where: \.tls)?.addresses.lazy.compactMap(\.port)
            .first
        var plans: [ListenerPlan] = []
        for listener in config.listeners {
            var context: TLSContext?
            do throws(TLSError) {
                if listener.tls, hasCertificates { context = try contexts.context(of: listener) }
            } catch {
                diagnostics.append(
                    Diagnostic(
                        .error, file: file, mark: listener.mark,
                        message: "TLS cannot be set up: \(error)"))
            }
            for configured in listener.addresses {
                guard let address = SocketAddress(configured.description) else {
                    diagnostics.append(
                        Diagnostic(
                            .error, file: file, mark: listener.mark,
                            message: "'\(configured)' is no address to listen on"))
                    continue
                }
                plans.append(
                    ListenerPlan(
                        address: address, label: registry.listener(configured.description),
                        tls: context,
                        redirectPort: listener.redirectToHTTPS ? redirectPort ?? 443 : nil,
                        proxies: listener.proxies.map { ProxyTrust($0) },
                        tcp: tcpPlan(listener, at: configured)))
            }
        }
        diagnostics += contexts.diagnostics
        return plans
    }

    private func routes(of site: SiteConfig, accounts: inout AccountLoader) -> RouteTable {
        RouteTable(
            site.routes.map { route in
                let limit = RateLimit(route.requestRate, name: "route", site.name, route.path)
                let rules =
                    route.rules == RuleConfig()
                    ? nil : RouteRules(route.rules, accounts: accounts.table(of: route.rules))
                return (
                    path: route.path,
                    route: .init(group: route.backend, requestRate: limit, rules: rules)
                )
            })
    }

    /// Starts the threads that look at passwords, once, where any are asked for.
    private mutating func startPasswords(_ config: ProxyConfig) -> Diagnostic? {
        guard passwords == nil,
            let asking = config.sites.first(where: {
                $0.routes.contains { $0.rules.basicAuth != nil }
            })
        else { return nil }
        do throws(SystemError) {
            passwords = try PasswordChecker(threads: max(1, Processors.available / 2))
            return nil
        } catch {
            return Diagnostic(
                .error, file: file, mark: asking.mark,
                message: "cannot start the threads that look at passwords ('basic_auth'): \(error)")
        }
    }

    private func settings(_ config: ProxyConfig, _ surroundings: Surroundings) -> RuntimeSettings {
        let workers = surroundings.workers
        let limits = config.limits
        var settings = RuntimeSettings(
            timeouts: config.timeouts,
            requestLimits: MessageLimits(
                headBytes: limits.requestHead, fieldCount: limits.requestFields),
            responseLimits: MessageLimits(
                headBytes: limits.responseHead, fieldCount: limits.responseFields),
            forwarding: ForwardingRules(config.forwarding))
        let total = limits.connections ?? surroundings.connectionLimit
        settings.requestPolicy = RequestPolicy(config.http)
        settings.requestBodyLimit = limits.requestBody.map(Int64.init)
        settings.connectionsPerWorker = max(1, (total + workers - 1) / workers)
        let perAddress = limits.connectionsPerAddress ?? max(1, total / 2)
        settings.connectionsPerAddress = max(1, (perAddress + workers - 1) / workers)
        settings.connectionRate = RateLimit(limits.connectionRate, name: "connections")
        settings.handshakeRate = RateLimit(limits.handshakeRate, name: "handshakes")
        settings.rates = rates
        settings.passwords = passwords
        settings.passwordSeed = passwordSeed
        settings.minimumRate = limits.minimumRate
        settings.keyUpdates = limits.keyUpdates
        settings.tinyRecords = limits.tinyRecords
        settings.requestsPerConnection = limits.requestsPerConnection
        settings.http2 = HTTP2Settings(config.http2, limits)
        settings.http2Budgets = HTTP2Budgets(config.http2.budgets)
        settings.bufferBytes = limits.buffer
        settings.idleUpstreamConnections = config.upstream.idleConnections
        settings.retries = config.upstream.retries
        settings.streamsPerConnection = config.upstream.streamsPerConnection
        settings.accessLogFormat = config.accessLog.map { $0.format == .json ? .json : .combined }
        return settings
    }
}

extension Credential {
    /// True exactly when it cannot be served before it has a staple.
    fileprivate func lacksStaple(_ pair: CertificatePair, now: WallTime) -> Bool {
        mustStaple && pair.mustStaple == .enforce && staple.current(at: now.seconds) == nil
            && !StapleLoader.isStapled(self, byFileOf: pair, now: now)
    }
}

extension ProxyConfig {
    /// True exactly when anything is bounded by how often an address does it.
    fileprivate var hasRates: Bool {
        limits.connectionRate != nil || limits.handshakeRate != nil
            || sites.contains { $0.routes.contains { $0.requestRate != nil } }
    }
}
