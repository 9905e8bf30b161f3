internal import Bytes
internal import Config
internal import Platform
internal import TLS
internal import Telemetry

extension Supervisor {
    /// Says which of the certificates that are served from now on expire soon.
    func watchExpiry(_ certificates: [[Credential]]) {
        var seen: Set<String> = []
        var watched: [ExpiryWatch.Certificate] = []
        for (site, credentials) in zip(config.sites, certificates) {
            for (credential, pair) in zip(credentials, site.certificates)
            where seen.insert(credential.sha256Fingerprint).inserted {
                watched.append(
                    ExpiryWatch.Certificate(
                        site: site.name, serial: credential.serial, path: pair.chain,
                        notAfter: credential.notAfter))
            }
        }
        expiry.watch(watched, warning: config.tls.expiryWarning.components.seconds)
        warnOfExpiry(WallTime.now().seconds)
    }

    /// Looks again where it is time to.
    func followExpiry() {
        let now = WallTime.now().seconds
        if !isStopping, expiry.isDue(now) { warnOfExpiry(now) }
    }

    private func warnOfExpiry(_ now: Int64) {
        let all = expiry.look(now).sorted { $0.notAfter < $1.notAfter }
        for certificate in all.prefix(Supervisor.linesAtOnce) {
            var notAfter = ByteQueue()
            WallTime(seconds: certificate.notAfter).appendISO8601(to: &notAfter)
            let isExpired = certificate.isExpired(now)
            events.emit(
                isExpired ? .error : .warning,
                isExpired ? .certificateExpired : .certificateExpiring,
                ("site", .text(certificate.site)), ("serial", .text(certificate.serial)),
                ("path", .text(certificate.path)),
                ("not_after", .text(String(copying: notAfter.bytes))),
                ("days_left", .int(Int((certificate.notAfter - now) / 86_400))))
        }
        if all.count > Supervisor.linesAtOnce {
            events.emit(
                .warning, .certificateExpiring, ("more", .int(all.count - Supervisor.linesAtOnce)))
        }
    }
}
