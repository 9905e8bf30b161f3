internal import Platform
internal import TLS

/// Which certificates are to be stapled, and when each of them is asked about; does one thing at a
/// time, and blocks while a responder is asked.
///
/// One thread only. The clock, the chance and the way to responders come from outside.
struct StapleBook {
    /// What the book needs of the world.
    struct World: Sendable {
        /// The time in seconds since 1970.
        let now: @Sendable () -> Int64
        /// A number from 0 up to 1.
        let chance: @Sendable () -> Double
        /// Sends a request to a responder and returns its answer.
        let ask: @Sendable (_ url: String, _ request: [UInt8]) throws(OCSPError) -> [UInt8]
    }

    /// One certificate.
    private struct Entry {
        /// More than one where several files hold the same certificate.
        var credentials: [Credential]
        var sites: [String]
        let url: String?
        var schedule: StapleSchedule
        /// From when the response is that says that it is revoked, in seconds since 1970; nil where
        /// none does.
        var revokedAt: Int64?
        /// True exactly when it is not in service yet, for want of a staple.
        var isAwaited: Bool
    }

    private let world: World
    private let folder: StapleFolder?
    private let journal: StapleJournal
    /// By the certificate's fingerprint.
    private var entries: [String: Entry] = [:]

    /// Makes an empty book; without a folder, nothing outlives the process.
    init(world: World, folder: StapleFolder?, journal: StapleJournal) {
        self.world = world
        self.folder = folder
        self.journal = journal
    }

    /// Looks after these certificates from now on, in place of those before; what is known of one
    /// that stays is kept.
    ///
    /// - Parameter awaited: those that are not in service yet, for want of a staple.
    mutating func keep(_ subjects: [StapleSubject], awaited: [StapleSubject] = []) {
        let before = entries
        entries = [:]
        for subject in subjects { enter(subject, known: before, isAwaited: false) }
        for subject in awaited { enter(subject, known: before, isAwaited: true) }
        for (key, entry) in before where entries[key] == nil {
            for credential in entry.credentials.prefix(1) { folder?.remove(credential) }
        }
        var expiries: [String: Int64] = [:]
        for entry in entries.values where !entry.isAwaited {
            for site in entry.sites {
                expiries[site] = min(expiries[site] ?? .max, StapleBook.expiry(of: entry))
            }
        }
        journal.replaceExpiries(expiries)
    }

    /// Asks about certificates that cannot be served without a staple, at once but for responders
    /// that are known to be slow; those without an answer are asked about again until `keep`.
    mutating func obtain(_ subjects: [StapleSubject]) {
        for subject in subjects {
            enter(subject, known: entries, isAwaited: true)
            let key = subject.credential.sha256Fingerprint
            if let entry = entries[key], entry.schedule.isDue(at: world.now()) { ask(key) }
        }
    }

    /// Asks about the certificate whose time has come, one at most.
    ///
    /// - Returns: when the next will be due, in seconds since 1970; nil if none is known. And true
    ///   exactly if a certificate has got the staple that it was waiting for.
    mutating func step() -> (next: Int64?, hasArrived: Bool) {
        let now = world.now()
        dropExpired(now)
        let asked = entries.filter { $0.value.url != nil }
        let due = asked.filter { $0.value.schedule.isDue(at: now) }
        let first = (due.isEmpty ? asked : due).min {
            ($0.value.schedule.dueAt, $0.key) < ($1.value.schedule.dueAt, $1.key)
        }
        guard let first else { return (nil, false) }
        guard !due.isEmpty else { return (first.value.schedule.dueAt, false) }
        let isGood = ask(first.key)
        if isGood { entries[first.key]?.isAwaited = false }
        return (now, isGood && first.value.isAwaited)
    }

    private mutating func enter(_ subject: StapleSubject, known: [String: Entry], isAwaited: Bool) {
        let credential = subject.credential
        let key = credential.sha256Fingerprint
        if var entry = entries[key] {
            if !entry.sites.contains(subject.site) { entry.sites.append(subject.site) }
            if !entry.credentials.contains(where: { $0 === credential }) {
                entry.credentials.append(credential)
            }
            entries[key] = entry
            return
        }
        let schedule = StapleSchedule(
            staple: credential.staple.staple, now: world.now(), chance: world.chance())
        let old = known[key].flatMap { $0.url == subject.url ? $0 : nil }
        entries[key] = Entry(
            credentials: [credential], sites: [subject.site], url: subject.url,
            schedule: old?.schedule ?? schedule, revokedAt: old?.revokedAt,
            isAwaited: isAwaited)
    }

    /// Returns true exactly if the certificate is good.
    @discardableResult
    private mutating func ask(_ key: String) -> Bool {
        guard var entry = entries[key], let url = entry.url, let first = entry.credentials.first
        else { return false }
        let begun = world.now()
        defer { for site in entry.sites { journal.setExpiry(expiry(ofSite: site), site: site) } }
        do throws(OCSPError) {
            let answer = try world.ask(url, try first.makeOCSPRequest())
            let verdict = try first.judge(ocspResponse: answer, now: world.now())
            defer { entries[key] = entry }
            switch verdict {
            case .good(let staple):
                // A cache on the way, or somebody who repeats what was true once.
                if let revokedAt = entry.revokedAt, staple.thisUpdate <= revokedAt {
                    throw OCSPError.outdated
                }
                entry.revokedAt = nil
                take(staple, &entry, first)
                return true
            case .revoked(let since, let reason, let thisUpdate):
                entry.revokedAt = thisUpdate
                entry.schedule.failed(now: world.now(), chance: world.chance())
                for credential in entry.credentials { credential.staple.replace(nil) }
                folder?.remove(first)
                journal.revoked(first, sites: entry.sites, since: since, reason: reason)
            }
        } catch {
            let now = world.now()
            entry.schedule.failed(now: now, chance: world.chance())
            entries[key] = entry
            if now - begun >= StapleBook.slowness { postpone(url, except: key, now: now) }
            journal.failed(
                first, sites: entry.sites, reason: "\(error) (\(url))",
                retryIn: entry.schedule.dueAt - now)
        }
        return false
    }

    private func take(_ staple: OCSPStaple, _ entry: inout Entry, _ first: Credential) {
        var newest = staple
        // A responder of many machines may hand out what is older than what we have.
        if let present = first.staple.current(at: world.now()),
            present.nextUpdate > staple.nextUpdate
        {
            newest = present
        }
        for credential in entry.credentials { credential.staple.replace(newest) }
        entry.schedule.succeeded(newest, now: world.now(), chance: world.chance())
        journal.refreshed(first, sites: entry.sites, staple: newest)
        do throws(SystemError) {
            try folder?.write(newest, for: first)
        } catch {
            journal.noted(
                first, sites: entry.sites, reason: "the response cannot be kept: \(error)")
        }
    }

    /// A responder that does not answer would hold up all others once for each of its certificates.
    private mutating func postpone(_ url: String, except asked: String, now: Int64) {
        for (key, entry) in entries where key != asked && entry.url == url {
            entries[key]?.schedule.postpone(until: now + StapleSchedule.shortestPause)
        }
    }

    private mutating func dropExpired(_ now: Int64) {
        for (_, entry) in entries {
            guard let first = entry.credentials.first, let staple = first.staple.staple,
                !staple.isCurrent(at: now)
            else { continue }
            for credential in entry.credentials { credential.staple.replace(nil) }
            for site in entry.sites { journal.setExpiry(expiry(ofSite: site), site: site) }
            journal.noted(
                first, sites: entry.sites, reason: "the staple has expired; none is sent")
        }
    }

    private func expiry(ofSite site: String) -> Int64 {
        entries.values.filter { $0.sites.contains(site) && !$0.isAwaited }.map(StapleBook.expiry)
            .min() ?? 0
    }

    private static func expiry(of entry: Entry) -> Int64 {
        entry.credentials.first?.staple.staple?.nextUpdate ?? 0
    }

    /// After so many seconds without an answer a responder counts as slow.
    private static let slowness: Int64 = 2
}
