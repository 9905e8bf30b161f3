internal import Bytes
internal import Config
internal import Platform
internal import TLS
internal import Telemetry

extension Supervisor {
    /// Says which of the certificates and revocation lists that are in service from now on expire
    /// soon.
    func watchExpiry(_ outcome: SnapshotBuilder.Outcome) {
        let warning = config.tls.expiryWarning.components.seconds
        var seen: Set<String> = []
        var watched: [ExpiryWatch.Subject] = []
        for shown in Supervisor.certificates(config, outcome)
        where seen.insert(shown.credential.sha256Fingerprint).inserted {
            watched.append(
                ExpiryWatch.Subject(
                    kind: .certificate(serial: shown.credential.serial), owner: shown.owner,
                    path: shown.path, end: shown.credential.notAfter, warning: warning))
        }
        for list in Supervisor.revocationFiles(config) where seen.insert(list.path).inserted {
            guard let term = outcome.revocationLists[list.path]?.earliest else { continue }
            watched.append(
                ExpiryWatch.Subject(
                    kind: .revocationList(issuer: term.issuer), owner: list.owner,
                    path: list.path, end: term.nextUpdate,
                    warning: min(warning, (term.nextUpdate - term.lastUpdate) / 4)))
        }
        expiry.watch(watched)
        warnOfExpiry(WallTime.now().seconds)
    }

    /// A certificate in service.
    struct ShownCertificate {
        let owner: CertificateOwner
        let credential: Credential
        /// The file of its chain.
        let path: String
    }

    /// The certificates that sites show to clients, and those that backends show to servers.
    static func certificates(
        _ config: ProxyConfig, _ outcome: SnapshotBuilder.Outcome
    ) -> [ShownCertificate] {
        var shown: [ShownCertificate] = []
        for (site, credentials) in zip(config.sites, outcome.certificates) {
            shown += zip(credentials, site.certificates).map { credential, pair in
                ShownCertificate(
                    owner: .site(site.name), credential: credential, path: pair.chain)
            }
        }
        for backend in config.backends {
            guard let pair = backend.tls?.certificate,
                let credential = outcome.backendCredentials[backend.name]
            else { continue }
            shown.append(
                ShownCertificate(
                    owner: .backend(backend.name), credential: credential, path: pair.chain))
        }
        return shown
    }

    /// When the first revocation list of each site and backend must be renewed, in seconds since
    /// 1970.
    static func revocationEnds(
        _ config: ProxyConfig, _ outcome: SnapshotBuilder.Outcome
    ) -> [CertificateOwner: Int64] {
        var ends: [CertificateOwner: Int64] = [:]
        for list in revocationFiles(config) {
            guard let term = outcome.revocationLists[list.path]?.earliest else { continue }
            ends[list.owner] = min(ends[list.owner] ?? .max, term.nextUpdate)
        }
        return ends
    }

    private static func revocationFiles(
        _ config: ProxyConfig
    ) -> [(owner: CertificateOwner, path: String)] {
        let sites = config.sites.flatMap { site in
            (site.tls.clientCertificates?.crl ?? []).map {
                (owner: CertificateOwner.site(site.name), path: $0.path)
            }
        }
        let backends = config.backends.flatMap { backend in
            (backend.tls?.crl ?? []).map {
                (owner: CertificateOwner.backend(backend.name), path: $0.path)
            }
        }
        return sites + backends
    }

    /// Looks again where it is time to.
    func followExpiry() {
        let now = WallTime.now().seconds
        if !isStopping, expiry.isDue(now) { warnOfExpiry(now) }
    }

    private func warnOfExpiry(_ now: Int64) {
        let all = expiry.look(now).sorted { $0.end < $1.end }
        for subject in all.prefix(Supervisor.linesAtOnce) { warn(of: subject, now) }
        if all.count > Supervisor.linesAtOnce {
            events.emit(
                .warning, .certificateExpiring, ("more", .int(all.count - Supervisor.linesAtOnce)))
        }
    }

    private func warn(of subject: ExpiryWatch.Subject, _ now: Int64) {
        let isExpired = subject.isExpired(now)
        let level = isExpired ? EventLevel.error : .warning
        let owner = (subject.owner.kind, EventValue.text(subject.owner.name))
        let path = EventValue.text(subject.path)
        var time = ByteQueue()
        WallTime(seconds: subject.end).appendISO8601(to: &time)
        let end = EventValue.text(String(copying: time.bytes))
        switch subject.kind {
        case .certificate(let serial):
            events.emit(
                level, isExpired ? .certificateExpired : .certificateExpiring, owner,
                ("serial", .text(serial)), ("path", path), ("not_after", end),
                ("days_left", .int(Int((subject.end - now) / 86_400))))
        case .revocationList(let issuer):
            events.emit(
                level, isExpired ? .revocationListExpired : .revocationListExpiring,
                owner, ("issuer", .text(issuer)), ("path", path), ("next_update", end),
                ("hours_left", .int(Int((subject.end - now) / 3_600))))
        }
    }
}
