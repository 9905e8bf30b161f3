import TestSupport

@testable import TLS

/// Sites with certificates of one authority, and clients that trust it.
struct TestSites {
    let authority: TestAuthority
    let keys: TicketKeys

    init() throws {
        authority = try TestAuthority()
        keys = try TicketKeys()
    }

    func credential(_ name: String, _ algorithm: KeyAlgorithm = .ecdsa) throws -> Credential {
        let pair = try authority.issue(name, algorithm: algorithm)
        return try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
    }

    /// A store with one site for each list of hosts.
    func store(
        _ hosts: [[String]] = [["a.test"], ["b.test"]], algorithms: [KeyAlgorithm] = [.ecdsa],
        defaultSite: Int? = 0, rejectsUnknownHosts: Bool = false,
        earlySites: Set<Int> = []
    ) throws -> CredentialStore {
        let sites = try hosts.enumerated().map { index, hosts in
            let credentials = try algorithms.map { try credential(hosts.first ?? "none", $0) }
            return CredentialStore.Site(
                hosts: hosts, credentials: credentials, index: index,
                allowsEarlyData: earlySites.contains(index))
        }
        return CredentialStore(
            sites: sites, defaultSite: defaultSite, rejectsUnknownHosts: rejectsUnknownHosts)
    }

    /// A context of that store.
    func context(
        _ store: CredentialStore? = nil, policy: TLSPolicy = .intermediate, alpn: [String] = [],
        ticketLifetime: Int = 86_400, earlyData: EarlyDataGate? = nil
    ) throws -> TLSContext {
        try TLSContext(
            store: store ?? self.store(), policy: policy, alpn: alpn, ticketKeys: keys,
            ticketLifetime: ticketLifetime, earlyData: earlyData)
    }

    /// A client that trusts the authority, of one version.
    func client(
        _ version: TLSVersion? = nil, suites: String? = nil, groups: String? = nil,
        signatureAlgorithms: String? = nil, alpn: [String] = []
    ) throws -> TLSClientContext {
        let versions = version.map { $0.rawValue...$0.rawValue } ?? 0x0303...0x0304
        return try TLSClientContext(
            trusted: authority.pair.certificate, versions: versions, suites: suites,
            groups: groups, signatureAlgorithms: signatureAlgorithms, alpn: alpn)
    }
}
