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
        for (site, credentials) in zip(config.sites, outcome.certificates) {
            for (credential, pair) in zip(credentials, site.certificates)
            where seen.insert(credential.sha256Fingerprint).inserted {
                watched.append(
                    ExpiryWatch.Subject(
                        kind: .certificate(serial: credential.serial), site: site.name,
                        path: pair.chain, end: credential.notAfter, warning: warning))
            }
        }
        for site in config.sites {
            for file in site.tls.clientCertificates?.crl ?? []
            where seen.insert(file.path).inserted {
                guard let term = outcome.revocationLists[file.path]?.earliest else { continue }
                watched.append(
                    ExpiryWatch.Subject(
                        kind: .revocationList(issuer: term.issuer), site: site.name,
                        path: file.path, end: term.nextUpdate,
                        warning: min(warning, (term.nextUpdate - term.lastUpdate) / 4)))
            }
        }
        expiry.watch(watched)
        warnOfExpiry(WallTime.now().seconds)
    }

    /// When the first revocation list of each site must be renewed, in seconds since 1970.
    static func revocationEnds(
        _ config: ProxyConfig, _ outcome: SnapshotBuilder.Outcome
    ) -> [String: Int64] {
        var ends: [String: Int64] = [:]
        for site in config.sites {
            for file in site.tls.clientCertificates?.crl ?? [] {
                guard let term = outcome.revocationLists[file.path]?.earliest else { continue }
                ends[site.name] = min(ends[site.name] ?? .max, term.nextUpdate)
            }
        }
        return ends
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
        let site = EventValue.text(subject.site)
        let path = EventValue.text(subject.path)
        var time = ByteQueue()
        WallTime(seconds: subject.end).appendISO8601(to: &time)
        let end = EventValue.text(String(copying: time.bytes))
        switch subject.kind {
        case .certificate(let serial):
            events.emit(
                level, isExpired ? .certificateExpired : .certificateExpiring, ("site", site),
                ("serial", .text(serial)), ("path", path), ("not_after", end),
                ("days_left", .int(Int((subject.end - now) / 86_400))))
        case .revocationList(let issuer):
            events.emit(
                level, isExpired ? .revocationListExpired : .revocationListExpiring,
                ("site", site), ("issuer", .text(issuer)), ("path", path), ("next_update", end),
                ("hours_left", .int(Int((subject.end - now) / 3_600))))
        }
    }
}
