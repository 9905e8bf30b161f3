/// What the control plane says of OCSP staples, by site.
public struct StapleFacts: Sendable, Equatable {
    /// What an attempt to get a response came to.
    public enum Result: String, Sendable, CaseIterable {
        /// A good one came.
        case success
        /// None came, or none of use.
        case failure
        /// The certificate is revoked.
        case revoked
    }

    /// Until when the staples of a site may be sent, in seconds since 1970, by the first to end; 0
    /// where one is missing.
    public var expiries: [String: Int64] = [:]
    /// The attempts of each site.
    public private(set) var refreshes: [String: [Result: UInt64]] = [:]
    /// What is known of each certificate, by its fingerprint.
    public private(set) var records: [String: StapleRecord] = [:]

    /// Makes facts of no site.
    public init() {}

    /// Forgets all sites but these.
    public mutating func keep(only sites: Set<String>) {
        expiries = expiries.filter { sites.contains($0.key) }
        refreshes = refreshes.filter { sites.contains($0.key) }
    }

    /// Counts an attempt.
    public mutating func count(_ result: Result, site: String) {
        refreshes[site, default: [:]][result, default: 0] += 1
    }

    /// Says which certificates are looked after, by fingerprint, and forgets all others.
    public mutating func follow(_ sources: [String: StapleRecord.Source]) {
        let before = records
        records = sources.reduce(into: [:]) { records, entry in
            var record = before[entry.key] ?? StapleRecord()
            record.source = entry.value
            records[entry.key] = record
        }
    }

    /// Says that a good response about a certificate has come.
    public mutating func succeeded(_ fingerprint: String) {
        records[fingerprint, default: StapleRecord()].trouble = nil
        records[fingerprint]?.isRevoked = false
    }

    /// Says what went wrong with a certificate.
    public mutating func failed(_ fingerprint: String, _ trouble: StapleRecord.Trouble) {
        records[fingerprint, default: StapleRecord()].trouble = trouble
        if trouble.isRevocation { records[fingerprint]?.isRevoked = true }
    }
}
