import TestSupport

@testable import TLS

/// Sites that ask their clients for certificates.
struct ClientSites {
    let sites: TestSites
    let authority: ClientAuthority

    init() throws {
        sites = try TestSites()
        authority = try ClientAuthority()
    }

    /// A policy that trusts the authority of clients.
    func policy(
        _ mode: ClientVerification.Mode = .required, depth: Int = 2, lists: [[UInt8]] = [],
        rules: [String] = [], authorities: [UInt8]? = nil
    ) throws -> ClientVerification {
        try ClientVerification(
            .init(
                mode: mode,
                authorities: ClientAuthorities(pem: authorities ?? authority.certificate),
                depth: depth, lists: lists.map { try RevocationLists($0) }, rules: rules))
    }

    /// A context with one site for each policy: `a.test`, `b.test` and so on, with one certificate
    /// for all of them.
    func context(
        _ policies: ClientVerification?..., earlyData: EarlyDataGate? = nil
    ) throws -> TLSContext {
        let pair = try sites.authority.issue("a.test", "b.test", "c.test")
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        let hosts = ["a.test", "b.test", "c.test"]
        let store = CredentialStore(
            sites: policies.enumerated().map { index, policy in
                .init(
                    hosts: [hosts[index]], credentials: [credential], index: index,
                    clientVerification: policy, allowsEarlyData: earlyData != nil)
            }, defaultSite: 0, rejectsUnknownHosts: false)
        return try sites.context(store, earlyData: earlyData)
    }

    /// A client with a certificate, or without.
    func client(_ pair: PEMPair?, _ version: TLSVersion = .tls13) throws -> TLSClientContext {
        let credential = try pair.map {
            try Credential(chainPEM: $0.certificate, keyPEM: $0.key)
        }
        return try TLSClientContext(
            trusted: sites.authority.pair.certificate,
            versions: version.rawValue...version.rawValue, credential: credential)
    }

    /// What a handshake comes to on the server's side, and the alert that the client gets.
    func outcome(
        _ policy: ClientVerification, _ pair: PEMPair?, _ version: TLSVersion = .tls13
    ) throws -> (outcome: HandshakeOutcome, alert: UInt8?) {
        var handshake = try Handshake(context(policy), client(pair, version))
        handshake.run()
        return (handshake.serverOutcome, handshake.client.serverAlert)
    }
}
