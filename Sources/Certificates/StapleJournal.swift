internal import Bytes
internal import Platform
public import TLS
public import Telemetry

/// Where the fate of staples is told: the event log and the metrics. Any thread.
public struct StapleJournal: Sendable {
    private let events: EventLog?
    private let registry: MetricsRegistry

    /// Tells it to these; without an event log to the metrics alone.
    public init(events: EventLog?, registry: MetricsRegistry) {
        self.events = events
        self.registry = registry
    }

    /// These certificates are looked after from now on, and no others.
    public func follow(_ subjects: [StapleSubject]) {
        let sources = subjects.map { subject in
            (
                subject.credential.sha256Fingerprint,
                subject.url == nil ? StapleRecord.Source.file : .fetched
            )
        }
        // Of one certificate in several places the first says where its staple is from.
        let bySubject = Dictionary(sources, uniquingKeysWith: { first, _ in first })
        registry.updateStaples { $0.follow(bySubject) }
    }

    /// A good response came.
    public func refreshed(_ credential: Credential, sites: [String], staple: OCSPStaple) {
        count(.success, sites)
        settled(credential)
        events?.emit(
            .info, .ocspRefreshed, ("site", .text(sites.first ?? "")),
            ("serial", .text(credential.serial)),
            ("next_update", .text(StapleJournal.text(staple.nextUpdate))))
    }

    /// Nothing stands against the staple that is sent already.
    public func settled(_ credential: Credential) {
        registry.updateStaples { $0.succeeded(credential.sha256Fingerprint) }
    }

    /// No good response came, for a reason that may pass.
    public func failed(
        _ credential: Credential, sites: [String], reason: String, retryIn: Int64?
    ) {
        count(.failure, sites)
        note(credential, reason: reason)
        let wait = retryIn.map { "\($0)s" } ?? "never"
        events?.emit(
            .warning, .ocspFailed, ("site", .text(sites.first ?? "")),
            ("serial", .text(credential.serial)), ("reason", .text(reason)),
            ("retry_in", .text(wait)))
    }

    /// The authority has revoked the certificate.
    public func revoked(_ credential: Credential, sites: [String], since: Int64, reason: String) {
        count(.revoked, sites)
        note(
            credential, reason: "revoked since \(StapleJournal.text(since)): \(reason)",
            isRevocation: true)
        events?.emit(
            .error, .ocspRevoked, ("site", .text(sites.first ?? "")),
            ("serial", .text(credential.serial)), ("since", .text(StapleJournal.text(since))),
            ("reason", .text(reason)),
            ("text", .text("the certificate is revoked: replace it, and its key")))
    }

    /// A staple was lost for another reason than a responder's; nothing is counted.
    func noted(_ credential: Credential, sites: [String], reason: String) {
        note(credential, reason: reason)
        events?.emit(
            .warning, .ocspFailed, ("site", .text(sites.first ?? "")),
            ("serial", .text(credential.serial)), ("reason", .text(reason)))
    }

    /// Says until when the staples of these sites may be sent, and forgets all other sites.
    func replaceExpiries(_ expiries: [String: Int64]) {
        registry.updateStaples {
            $0.keep(only: Set(expiries.keys))
            $0.expiries = expiries
        }
    }

    /// Says until when the staples of one site may be sent.
    func setExpiry(_ time: Int64, site: String) {
        registry.updateStaples { $0.expiries[site] = time }
    }

    /// What stands against a better staple, for the status alone.
    public func note(_ credential: Credential, reason: String, isRevocation: Bool = false) {
        let trouble = StapleRecord.Trouble(
            time: .now(), reason: reason, isRevocation: isRevocation)
        registry.updateStaples { $0.failed(credential.sha256Fingerprint, trouble) }
    }

    private func count(_ result: StapleFacts.Result, _ sites: [String]) {
        registry.updateStaples { facts in for site in sites { facts.count(result, site: site) } }
    }

    /// A time as people read it (RFC 3339 §5.6).
    private static func text(_ seconds: Int64) -> String {
        var queue = ByteQueue()
        WallTime(seconds: seconds).appendISO8601(to: &queue)
        return String(copying: queue.bytes)
    }
}
