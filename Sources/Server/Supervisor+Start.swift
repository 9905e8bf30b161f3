internal import Bytes
internal import Certificates
internal import Config
internal import Platform
internal import Proxy
internal import TLS
internal import Telemetry

extension Supervisor {
    /// Reads and loads the configuration for the first time.
    static func firstConfig(
        _ source: ConfigSource
    ) throws(StartError) -> (config: ProxyConfig, warnings: [String]) {
        let result = try source.load()
        guard let config = result.config else {
            throw .configuration(result.diagnostics.map { "\($0)" }.joined(separator: "\n"))
        }
        return (config, result.diagnostics.map { "\($0)" })
    }

    /// Makes what keeps certificates stapled.
    static func makeStapleKeeper(
        _ events: EventLog, _ registry: MetricsRegistry, _ commands: Mailbox<ControlCommand>
    ) throws(SystemError) -> StapleKeeper {
        try StapleKeeper(
            state: StateDirectory.path(),
            journal: StapleJournal(events: events, registry: registry)
        ) { commands.post(.stapleArrived) }
    }

    /// Installs the first snapshot: builds, binds, serves. False where the process is to end before
    /// anything is served.
    func startServing() throws(StartError) -> Bool {
        let outcome = build(config, .start)
        if Supervisor.isToEnd { return false }
        guard let snapshot = outcome.snapshot else {
            throw .configuration(outcome.diagnostics.map { "\($0)" }.joined(separator: "\n"))
        }
        report(outcome.diagnostics)
        do throws(SystemError) {
            listeners = try listeners.opening(
                snapshot.listeners.map(\.address), workers: crew.count,
                backlog: config.limits.listenBacklog)
        } catch {
            throw .environment(Supervisor.bindAdvice(error))
        }
        accessSink = try openAccessLog(config)
        try startAdmin(config)
        commit(config, snapshot, outcome)
        watchExpiry(outcome)
        watchMemory(config)
        warnOfLostStaples()
        for group in listeners.groups {
            events.emit(.info, .listenerOpened, ("address", .text("\(group.bound)")))
        }
        return true
    }

    /// Builds the snapshot that would come next; while others are served, behind their workers.
    func build(
        _ config: ProxyConfig, _ occasion: BuildOccasion, _ salvage: Salvage = .off
    ) -> SnapshotBuilder.Outcome {
        let surroundings = SnapshotBuilder.Surroundings(
            generation: generation + 1, workers: crew.count,
            connectionLimit: Supervisor.connectionLimit(
                descriptors: descriptorLimit, workers: crew.count),
            now: WallTime.now(), ticketKeys: ticketKeys.keys,
            earlyData: earlyData, occasion: occasion, salvage: salvage)
        let work = { [self] in
            // Before they are read: what changes meanwhile is to be read again.
            stamps = FileWatch.stamps(of: Supervisor.files(config))
            return builder.build(config, surroundings, released: snapshotReleased)
        }
        return occasion == .start ? work() : Thread.behind(work)
    }

    /// Lets the workers serve by `snapshot` and takes note of everything that goes with it.
    ///
    /// - Returns: true exactly when a certificate is new.
    @discardableResult
    func commit(
        _ config: ProxyConfig, _ snapshot: RuntimeSnapshot, _ outcome: SnapshotBuilder.Outcome
    ) -> Bool {
        generation = snapshot.generation
        self.config = config
        let isRenewed = serves(outcome)
        certificates = outcome.certificates
        backendCertificates = outcome.backendCredentials
        // Before the first client of a new certificate comes.
        builder.commit()
        builder.backendContexts = outcome.backendContexts
        followServers(snapshot)
        install(snapshot)
        followHealth(config, snapshot)
        let now = WallTime.now()
        registry.setGeneration(generation, lastSuccess: now)
        registry.setConnectionLimit(snapshot.settings.connectionsPerWorker * crew.count)
        registry.replaceCertificates(
            Supervisor.certificates(config, outcome).map {
                CertificateFact(
                    owner: $0.owner, serial: $0.credential.serial,
                    notAfter: $0.credential.notAfter)
            },
            warnedBefore: config.tls.expiryWarning.components.seconds)
        registry.replaceRevocationLists(Supervisor.revocationEnds(config, outcome))
        ticketKeys.adopt(
            rotation: config.tls.ticketRotation.components.seconds,
            lifetime: config.tls.ticketLifetime.components.seconds)
        noteSealingKey(snapshot)
        watch.watch(Supervisor.files(config), since: stamps)
        if watch.isStirred { lookSoon() }
        let listeners = self.listeners
        let workers = crew.count
        state.update {
            $0.install(
                config, certificates: outcome.certificates, listeners: listeners,
                generation: snapshot.generation, workers: workers)
        }
        return isRenewed
    }

    /// True exactly when a certificate would be new.
    private func serves(_ outcome: SnapshotBuilder.Outcome) -> Bool {
        let served = certificates.joined().map(ObjectIdentifier.init)
        let known = Set(served + backendCertificates.values.map(ObjectIdentifier.init))
        let next = outcome.certificates.joined().map(ObjectIdentifier.init)
        return (next + outcome.backendCredentials.values.map(ObjectIdentifier.init))
            .contains { !known.contains($0) }
    }

    /// Hands `snapshot` to the workers, and waits until they follow.
    func install(_ snapshot: RuntimeSnapshot) {
        let followed = crew.install(
            snapshot, listeners: listeners, accessLog: accessSink,
            patience: Supervisor.installPatience)
        if !followed {
            events.emit(
                .error, .internalError,
                ("text", .text("a worker did not follow the new configuration")))
        }
    }

    /// What tells that nobody needs a snapshot any more.
    var snapshotReleased: @Sendable (UInt64) -> Void {
        let events = self.events
        return { events.emit(.debug, .snapshotReleased, ("generation", .int(Int($0)))) }
    }

    /// The files that a configuration names and whose change counts as soon as it is written.
    private static func files(_ config: ProxyConfig) -> [String] {
        let pairs = config.sites.flatMap { $0.certificates.flatMap(\.files) }
        let clients = config.sites.flatMap { $0.tls.clientCertificates?.files ?? [] }
        let others = [config.tls.ticketKeys?.path].compactMap { $0 } + StapleLoader.files(config)
        let backends = config.backends.flatMap { $0.tls?.files ?? [] }
        return pairs + clients + others + backends + AccountLoader.files(config)
    }

    /// Opens the access log of `config`, or keeps the one that is open if it is the same.
    func openAccessLog(_ config: ProxyConfig) throws(StartError) -> LogSink? {
        guard let log = config.accessLog else { return nil }
        if let open = accessSink, self.config.accessLog?.target == log.target { return open }
        do throws(SystemError) {
            return try LogSink(
                destination: Supervisor.destination(log.target), lost: registry.lostLines)
        } catch {
            throw .environment(
                "martlet: cannot write the access log: \(error); "
                    + "make its folder writable, or choose another 'access_log: path'")
        }
    }

    /// Writes diagnostics to the event log.
    func report(_ diagnostics: [Diagnostic]) {
        let errors = diagnostics.filter { $0.severity == .error }
        let others = diagnostics.filter { $0.severity != .error }
        tell(errors.map { "\($0)" }, .error, .configRejected)
        tell(others.map { "\($0)" }, .warning, .configWarning)
    }

    /// Half of the descriptors that remain beside listeners, logs and pools: each connection may
    /// need one to a server.
    static func connectionLimit(descriptors: Int, workers: Int) -> Int {
        max(16, (descriptors - 64 - workers * 16) / 2)
    }

    static func workerCount(_ config: ProxyConfig) -> Int {
        switch config.workers {
        case .auto: max(1, Processors.available)
        case .count(let count): count
        }
    }

    static func destination(_ target: LogTarget) -> LogDestination {
        switch target {
        case .standardOutput: .standardOutput
        case .standardError: .standardError
        case .file(let path): .file(path)
        }
    }

    static func level(_ level: EventLogConfig.Level) -> EventLevel {
        switch level {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }

    /// What to do about an address that cannot be listened on.
    static func bindAdvice(_ error: SystemError) -> String {
        let advice =
            if error.isAddressInUse {
                "another process listens there; stop it or choose another address"
            } else if error.code == 0 {
                "move it away or choose another address"
            } else if error.subject.hasPrefix("unix:") {
                "check that its folder is there and that this user may write to it"
            } else if error.isPermissionDenied {
                "ports below 1024 need CAP_NET_BIND_SERVICE; grant it or choose a higher port"
            } else {
                "check 'address' in the configuration"
            }
        return "martlet: cannot listen: \(error); \(advice)"
    }
}
