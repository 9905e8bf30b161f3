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
    /// What is being served, by its fingerprint: for want of a staple it is not taken out of
    /// service, since that would refuse a whole reload for what a responder fails to do.
    private var served: [String: Credential] = [:]
    private var subjects: [StapleSubject] = []
    private var plain: [Credential] = []
    /// What could not be served for want of a staple, and is asked about until it can.
    private var awaited: [StapleSubject] = []
    private var loaded: [String: Credential] = [:]
    /// What files say, which counts from `commit` on: credentials may be in service already.
    private var answers: [ObjectIdentifier: FileAnswer] = [:]

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

    /// What an `ocsp_response` file says of a certificate.
    private struct FileAnswer {
        let credential: Credential
        let site: String
        /// Nil where it is what is stapled already.
        let verdict: OCSPVerdict?
    }

    /// Prepares the staples of a configuration; says what is in the way of serving it.
    ///
    /// - Parameters:
    ///   - certificates: by site; a site of which some could not be loaded is passed over.
    ///   - salvages: true where others stand in for those that could not be served: these go on
    ///     being asked about.
    mutating func prepare(
        _ config: ProxyConfig, _ certificates: [[Credential]], file: String, now: WallTime,
        salvages: Bool = false
    ) -> [Diagnostic] {
        (subjects, plain, loaded, answers) = ([], [], [:], [:])
        if !salvages { awaited = [] }
        var diagnostics: [Diagnostic] = []
        var missing: [Item] = []
        for (site, credentials) in zip(config.sites, certificates)
        where site.certificates.count == credentials.count {
            for (pair, credential) in zip(site.certificates, credentials) {
                let item = Item(site: site, pair: pair, credential: credential)
                loaded[credential.sha256Fingerprint] = credential
                if config.tls.ocspStapling {
                    let found = prepare(item, file: file, now: now)
                    // What a file lacks keeps no other from being served.
                    diagnostics += salvages ? found.filter { $0.severity != .error } : found
                } else {
                    plain.append(credential)
                }
                if !(config.tls.ocspStapling && isStapled(credential, now)),
                    pair.mustStaple == .enforce, credential.mustStaple
                {
                    missing.append(item)
                }
            }
        }
        return diagnostics + obtain(missing, file: file, isOn: config.tls.ocspStapling)
    }

    /// True exactly when there is a staple, or will be from `commit` on.
    private func isStapled(_ credential: Credential, _ now: WallTime) -> Bool {
        switch answers[ObjectIdentifier(credential)]?.verdict {
        case .good: true
        case .revoked: false
        case nil: credential.staple.current(at: now.seconds) != nil
        }
    }

    /// What was prepared last is going to be served now.
    mutating func commit() {
        served = loaded
        for answer in answers.values { take(answer) }
        answers = [:]
        // Two sites may share a pair of files, and only one of them say where its staple is from.
        let stapled = Set(subjects.map { ObjectIdentifier($0.credential) })
        for credential in plain where !stapled.contains(ObjectIdentifier(credential)) {
            credential.staple.replace(nil)
        }
        journal.follow(subjects)
        keeper.keep(subjects, awaited: awaited)
    }

    private func take(_ answer: FileAnswer) {
        let credential = answer.credential
        switch answer.verdict {
        case .good(let staple):
            credential.staple.replace(staple)
            journal.refreshed(credential, sites: [answer.site], staple: staple)
        case .revoked(let since, let reason, _):
            credential.staple.replace(nil)
            journal.revoked(credential, sites: [answer.site], since: since, reason: reason)
        case nil:
            journal.settled(credential)
        }
    }

    private mutating func prepare(_ item: Item, file: String, now: WallTime) -> [Diagnostic] {
        let credential = item.credential
        // Files that were written anew may hold the same certificate as before.
        if let old = served[credential.sha256Fingerprint], old !== credential,
            credential.staple.staple == nil
        {
            credential.staple.replace(old.staple.staple)
        }
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
    private mutating func readFile(_ item: Item, file: String, now: WallTime) -> [Diagnostic] {
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
            answer(item, nil)
            return []
        }
        do throws(OCSPError) {
            let verdict = try credential.judge(ocspResponse: bytes, now: now.seconds)
            answer(item, verdict)
            if case .revoked = verdict {
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

    private mutating func answer(_ item: Item, _ verdict: OCSPVerdict?) {
        answers[ObjectIdentifier(item.credential)] = FileAnswer(
            credential: item.credential, site: item.site.name, verdict: verdict)
    }

    /// Waits for what cannot be served without; returns what cannot be served.
    private mutating func obtain(_ missing: [Item], file: String, isOn: Bool) -> [Diagnostic] {
        let fetched = Set(
            subjects.filter { $0.url != nil }.map { ObjectIdentifier($0.credential) })
        let asked = missing.filter { item in
            isOn && served[item.credential.sha256Fingerprint] == nil
                && fetched.contains(ObjectIdentifier(item.credential))
        }
        if !asked.isEmpty {
            awaited = asked.map {
                StapleSubject(
                    site: $0.site.name, credential: $0.credential, url: $0.credential.ocspURL)
            }
            keeper.obtain(awaited, patience: StapleLoader.patience)
        }
        let now = WallTime.now()
        awaited.removeAll { $0.credential.staple.current(at: now.seconds) != nil }
        return missing.filter { !isOn || !isStapled($0.credential, now) }
            .map { item in
                let text =
                    "the certificate '\(item.pair.chain)' promises a staple (Must-Staple), and "
                    + "there is none: clients refuse it"
                if served[item.credential.sha256Fingerprint] != nil {
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

    /// True exactly when the file that the configuration names holds a staple for it.
    static func isStapled(
        _ credential: Credential, byFileOf pair: CertificatePair, now: WallTime
    ) -> Bool {
        guard let path = pair.ocspResponse, let bytes = try? Files.read(path, atMost: fileLimit),
            case .good = try? credential.judge(ocspResponse: bytes, now: now.seconds)
        else { return false }
        return true
    }

    /// The files that staples are read from.
    static func files(_ config: ProxyConfig) -> [String] {
        config.sites.flatMap { $0.certificates.compactMap(\.ocspResponse) }
    }

    /// How long a start or a reload waits for the staples of all Must-Staple certificates.
    private static let patience = Duration.seconds(8)
    private static let fileLimit = 65_536
}
