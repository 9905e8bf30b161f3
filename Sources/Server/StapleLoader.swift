internal import Certificates
internal import Config
internal import Platform
internal import TLS
internal import Telemetry

/// Sees to it that certificates have their staples before they are served: reads `ocsp_response`
/// files, takes up what was kept on disk, waits a moment for what cannot be served without one, and
/// leaves all the rest to the keeper's thread.
///
/// Control thread only.
struct StapleLoader {
    private let keeper: StapleKeeper
    private let journal: StapleJournal
    /// Fingerprints of what is being served: for want of a staple it is not taken out of service,
    /// since that would refuse a whole reload for what a responder fails to do.
    private var served: Set<String> = []
    private var subjects: [StapleSubject] = []
    private var plain: [Credential] = []
    private var loaded: Set<String> = []

    init(keeper: StapleKeeper, journal: StapleJournal) {
        self.keeper = keeper
        self.journal = journal
    }

    /// One certificate and what the configuration says of it.
    private struct Item {
        let site: SiteConfig
        let pair: CertificatePair
        let credential: Credential
    }

    /// Prepares the staples of a configuration; says what is in the way of serving it.
    ///
    /// - Parameter certificates: by site; a site of which some could not be loaded is passed over.
    mutating func prepare(
        _ config: ProxyConfig, _ certificates: [[Credential]], file: String, now: WallTime
    ) -> [Diagnostic] {
        (subjects, plain, loaded) = ([], [], [])
        var diagnostics: [Diagnostic] = []
        var missing: [Item] = []
        for (site, credentials) in zip(config.sites, certificates)
        where site.certificates.count == credentials.count {
            for (pair, credential) in zip(site.certificates, credentials) {
                let item = Item(site: site, pair: pair, credential: credential)
                loaded.insert(credential.sha256Fingerprint)
                if config.tls.ocspStapling {
                    diagnostics += prepare(item, file: file, now: now)
                } else {
                    plain.append(credential)
                }
                let isStapled =
                    config.tls.ocspStapling && credential.staple.current(at: now.seconds) != nil
                if !isStapled, pair.mustStaple == .enforce, credential.mustStaple {
                    missing.append(item)
                }
            }
        }
        return diagnostics + obtain(missing, file: file, isOn: config.tls.ocspStapling)
    }

    /// What was prepared last is being served from now on.
    mutating func commit() {
        served = loaded
        // Two sites may share a pair of files, and only one of them say where its staple is from.
        let stapled = Set(subjects.map { ObjectIdentifier($0.credential) })
        for credential in plain where !stapled.contains(ObjectIdentifier(credential)) {
            credential.staple.replace(nil)
        }
        journal.follow(subjects)
        keeper.keep(subjects)
    }

    private mutating func prepare(_ item: Item, file: String, now: WallTime) -> [Diagnostic] {
        let credential = item.credential
        if item.pair.ocspResponse != nil {
            subjects.append(
                StapleSubject(site: item.site.name, credential: credential, url: nil))
            return readFile(item, file: file, now: now)
        }
        guard let url = credential.ocspURL, credential.notAfter > now.seconds else {
            plain.append(credential)
            return []
        }
        do throws(OCSPError) {
            _ = try credential.makeOCSPRequest()
        } catch {
            plain.append(credential)
            return [warning(item, file, "no staple for '\(item.pair.chain)': \(error); append it")]
        }
        subjects.append(StapleSubject(site: item.site.name, credential: credential, url: url))
        keeper.restore(credential, now: now)
        return []
    }

    /// A file that holds no response is a mistake; one whose time has passed, or that does not
    /// belong to a certificate that was just renewed, must not keep an instance from starting.
    private func readFile(_ item: Item, file: String, now: WallTime) -> [Diagnostic] {
        guard let path = item.pair.ocspResponse else { return [] }
        let credential = item.credential
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try Files.read(path, atMost: StapleLoader.fileLimit)
        } catch {
            return [failure(item, file, "cannot read the OCSP response: \(error)")]
        }
        let present = credential.staple.current(at: now.seconds)
        if let present, present.bytes == bytes {
            journal.settled(credential)
            return []
        }
        do throws(OCSPError) {
            switch try credential.judge(ocspResponse: bytes, now: now.seconds) {
            case .good(let staple):
                credential.staple.replace(staple)
                journal.refreshed(credential, sites: [item.site.name], staple: staple)
            case .revoked(let since, let reason):
                credential.staple.replace(nil)
                journal.revoked(credential, sites: [item.site.name], since: since, reason: reason)
                return [warning(item, file, "'\(path)' says that the certificate is revoked")]
            }
        } catch .unreadable {
            return [failure(item, file, "'\(path)' is no OCSP response in DER")]
        } catch {
            journal.note(credential, reason: "\(error) (\(path))")
            let rest = present == nil ? "nothing is stapled" : "the one before is stapled"
            return [warning(item, file, "'\(path)' is not stapled: \(error); \(rest)")]
        }
        return []
    }

    /// Waits for what cannot be served without; returns what cannot be served.
    private func obtain(_ missing: [Item], file: String, isOn: Bool) -> [Diagnostic] {
        let fetched = Set(
            subjects.filter { $0.url != nil }.map { ObjectIdentifier($0.credential) })
        let asked = missing.filter { item in
            isOn && !served.contains(item.credential.sha256Fingerprint)
                && fetched.contains(ObjectIdentifier(item.credential))
        }
        if !asked.isEmpty {
            keeper.obtain(
                asked.map {
                    StapleSubject(
                        site: $0.site.name, credential: $0.credential, url: $0.credential.ocspURL)
                }, patience: StapleLoader.patience)
        }
        let now = WallTime.now()
        return missing.filter { !isOn || $0.credential.staple.current(at: now.seconds) == nil }
            .map { item in
                let text =
                    "the certificate '\(item.pair.chain)' promises a staple (Must-Staple), and "
                    + "there is none: clients refuse it"
                if served.contains(item.credential.sha256Fingerprint) {
                    return warning(item, file, text)
                }
                return failure(
                    item, file, text + "; see tls.ocsp.failed, or set 'must_staple: ignore'")
            }
    }

    private func warning(_ item: Item, _ file: String, _ text: String) -> Diagnostic {
        Diagnostic(.warning, file: file, mark: mark(item), message: text)
    }

    private func failure(_ item: Item, _ file: String, _ text: String) -> Diagnostic {
        Diagnostic(.error, file: file, mark: mark(item), message: text)
    }

    private func mark(_ item: Item) -> SourceMark {
        item.pair.ocspResponse == nil ? item.pair.chainMark : item.pair.ocspResponseMark
    }

    /// The files that staples are read from.
    static func files(_ config: ProxyConfig) -> [String] {
        config.sites.flatMap { $0.certificates.compactMap(\.ocspResponse) }
    }

    /// How long a start or a reload waits for the staples of all Must-Staple certificates.
    private static let patience = Duration.seconds(8)
    private static let fileLimit = 65_536
}
