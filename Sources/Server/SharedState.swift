internal import Config
internal import HTTP
internal import Platform
internal import Proxy
internal import Synchronization
internal import TLS
internal import Telemetry

/// What the admin endpoint may know of the instance: written by the control thread, read by any.
final class SharedState: Sendable {
    /// The facts of the moment.
    struct Facts: Sendable {
        var isReady = false
        var startedAt = WallTime.now()
        var generation = 0
        var workers = 0
        var lastReload: (time: WallTime, outcome: ReloadOutcome)?
        var listeners: [StatusReport.Listener] = []
        var sites: [StatusReport.Site] = []
        /// By site, in the order of its certificates; their staples change between configurations.
        var credentials: [[Credential]] = []
        var backends: [StatusReport.Backend] = []
        /// By backend, the names that its servers are found by, and what is known of each.
        private var names: [String: [NameQuestion]] = [:]
        private var lookups: [NameQuestion: StatusReport.Lookup] = [:]

        /// Takes note of a configuration that is being served from now on.
        mutating func install(
            _ config: ProxyConfig, certificates: [[Credential]], listeners: ListenerSet,
            generation: UInt64, workers: Int
        ) {
            self.generation = Int(generation)
            self.workers = workers
            let plans = config.listeners.flatMap { listener in
                listener.addresses.map { _ in listener }
            }
            self.listeners = zip(listeners.groups, plans).map { group, plan in
                StatusReport.Listener(
                    address: "\(group.bound)", tls: plan.tls, redirect: plan.redirectToHTTPS)
            }
            sites = zip(config.sites, certificates).map { site, credentials in
                StatusReport.Site(
                    name: site.name, hosts: site.hosts,
                    certificates: zip(credentials, site.certificates).map { credential, pair in
                        Facts.describe(credential, path: pair.chain)
                    })
            }
            credentials = certificates
        }

        /// Takes note of the servers that are being served from now on.
        mutating func installServers(_ groups: [UpstreamGroup], generation: Int) {
            self.generation = generation
            backends = groups.map { group in
                StatusReport.Backend(
                    name: group.name,
                    servers: group.servers.map {
                        StatusReport.Upstream(
                            name: $0.name, address: "\($0.address)", weight: $0.weight,
                            isBackup: $0.isBackup)
                    })
            }
        }

        /// Takes note of what is new about names.
        mutating func note(_ report: Discovery.Report) {
            if let names = report.names {
                self.names = names
                lookups = [:]
            }
            lookups.merge(report.lookups) { $1 }
        }

        /// What is known of the names of a backend.
        func lookups(of backend: String) -> [StatusReport.Lookup] {
            (names[backend] ?? []).compactMap { lookups[$0] }
        }

        private static func describe(
            _ credential: Credential, path: String
        ) -> StatusReport.Certificate {
            StatusReport.Certificate(
                subject: credential.subject, issuer: credential.issuer, serial: credential.serial,
                fingerprint: credential.sha256Fingerprint, keyKind: credential.keyKind,
                notBefore: credential.notBefore, notAfter: credential.notAfter, path: path)
        }
    }

    private let facts = Mutex(Facts())
    private let registry: MetricsRegistry
    private let standings: StandingBoard

    init(registry: MetricsRegistry, standings: StandingBoard = StandingBoard()) {
        self.registry = registry
        self.standings = standings
    }

    /// Changes the facts.
    func update(_ change: (inout Facts) -> Void) { facts.withLock { change(&$0) } }

    /// True exactly when new connections are being accepted and served.
    var isReady: Bool { facts.withLock { $0.isReady } }

    /// The backends of what is being served.
    var backends: [StatusReport.Backend] { facts.withLock { $0.backends } }

    /// Everything, with the counts of the moment.
    func report(now: WallTime = .now()) -> StatusReport {
        let facts = facts.withLock { $0 }
        let totals = registry.totals()
        let servers = registry.serverTotals()
        var backends = facts.backends
        for backend in backends.indices {
            backends[backend].lookups = facts.lookups(of: backends[backend].name)
            for server in backends[backend].servers.indices {
                let name = backends[backend].servers[server].name
                backends[backend].servers[server].health = standings.status(
                    backend: backends[backend].name, server: name)
                backends[backend].servers[server].isDrained =
                    standings.standing(
                        of: registry.server(backend: backends[backend].name, server: name)
                    ).isDrained
                guard let counts = servers[backends[backend].name + "\0" + name] else { continue }
                backends[backend].servers[server].isUp = counts.isUp
                backends[backend].servers[server].requests = Int(clamping: counts.requests)
                backends[backend].servers[server].failures = Int(clamping: counts.failures)
                backends[backend].servers[server].connectionsActive = counts.active
                backends[backend].servers[server].connectionsIdle = counts.idle
            }
        }
        return StatusReport(
            version: BuildFacts.version, commit: BuildFacts.commit,
            opensslVersion: OpenSSLFacts.runtimeVersion, pid: ProcessFacts.processID,
            startedAt: facts.startedAt,
            uptime: .seconds(max(0, now.seconds - facts.startedAt.seconds)),
            generation: facts.generation,
            lastReload: facts.lastReload.map {
                StatusReport.Reload(
                    time: $0.time, ok: $0.outcome.ok, diagnostics: $0.outcome.diagnostics)
            },
            workers: facts.workers, connectionsActive: totals.connectionsActive,
            requestsTotal: Int(clamping: totals.requests), listeners: facts.listeners,
            sites: sites(facts, now: now), backends: backends,
            handshakeFailures: registry.handshakeFailures.newestFirst)
    }

    /// The sites with what is stapled to their certificates at this moment, and how long these are
    /// valid yet.
    private func sites(_ facts: Facts, now: WallTime) -> [StatusReport.Site] {
        let records = registry.stapleRecords
        return zip(facts.sites, facts.credentials).map { site, credentials in
            var site = site
            for (index, credential) in zip(site.certificates.indices, credentials) {
                site.certificates[index].countDays(now: now)
                site.certificates[index].staple = StatusReport.Staple(
                    credential.staple.staple, records[credential.sha256Fingerprint], now: now)
            }
            return site
        }
    }
}
