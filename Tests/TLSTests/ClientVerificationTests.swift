import TestSupport
import Testing

@testable import TLS

/// Whose certificates open a connection.
struct ClientVerificationTests {
    private static let past = "20210101000000Z"

    @Test("Who has no certificate is let in where it is optional", arguments: TLSVersion.allCases)
    func modes(_ version: TLSVersion) throws {
        let sites = try ClientSites()
        let alice = try sites.authority.issue("/CN=alice")
        // The alerts are certificate_required, which TLS 1.2 does not have, and handshake_failure.
        let missing: UInt8 = version == .tls13 ? 116 : 40
        #expect(try sites.outcome(sites.policy(.optional), nil, version) == (.done, nil))
        #expect(try sites.outcome(sites.policy(.optional), alice, version) == (.done, nil))
        #expect(try sites.outcome(sites.policy(.required), alice, version) == (.done, nil))
        #expect(
            try sites.outcome(sites.policy(.required), nil, version)
                == (.failed(.clientCertificateMissing), missing))
    }

    @Test(
        "A certificate that is shown must be good, asked for or required",
        arguments: TLSVersion.allCases, ClientVerification.Mode.allCases)
    func bad(_ version: TLSVersion, _ mode: ClientVerification.Mode) throws {
        let sites = try ClientSites()
        let policy = try sites.policy(mode)
        let stranger = try ClientAuthority().issue("/CN=alice")
        let expired = try sites.authority.issue(
            "/CN=alice", end: ClientVerificationTests.past)
        let server = try sites.authority.issue("/CN=alice", as: "server")
        // unknown_ca, certificate_expired and unsupported_certificate (RFC 8446 §6.2).
        #expect(
            try sites.outcome(policy, stranger, version)
                == (.failed(.clientCertificateUntrusted), 48))
        #expect(
            try sites.outcome(policy, expired, version) == (.failed(.clientCertificateExpired), 45))
        #expect(
            try sites.outcome(policy, server, version) == (.failed(.clientCertificateInvalid), 43))
        #expect(ErrorQueue.take() == nil)
    }

    @Test("A certificate on the list is refused, another is not", arguments: TLSVersion.allCases)
    func revoked(_ version: TLSVersion) throws {
        let sites = try ClientSites()
        let (alice, bob) = (
            try sites.authority.issue("/CN=alice"), try sites.authority.issue("/CN=bob")
        )
        try sites.authority.revoke(alice)
        let policy = try sites.policy(lists: [sites.authority.revocationList()])
        #expect(
            try sites.outcome(policy, alice, version) == (.failed(.clientCertificateRevoked), 44))
        #expect(try sites.outcome(policy, bob, version) == (.done, nil))
    }

    @Test("A list that is too old, or of another authority, lets nobody in")
    func unknownRevocation() throws {
        let sites = try ClientSites()
        let alice = try sites.authority.issue("/CN=alice")
        let old = try sites.authority.revocationList(end: ClientVerificationTests.past)
        let foreign = try ClientAuthority("Strangers").revocationList()
        let forged = try ClientAuthority().revocationList()
        for list in [old, foreign, forged] {
            let (outcome, alert) = try sites.outcome(sites.policy(lists: [list]), alice)
            #expect(outcome == .failed(.clientRevocationUnknown))
            // That of an expired certificate would send the client on the wrong track.
            #expect(alert != 45)
        }
        let both = try sites.policy(lists: [old, sites.authority.revocationList()])
        #expect(try sites.outcome(both, alice) == (.done, nil))
    }

    @Test("Chains are as long as they may be, and no longer", arguments: [0, 1, 2])
    func depth(_ depth: Int) throws {
        let sites = try ClientSites()
        let middle = try ClientAuthority("Middle", below: sites.authority)
        let leaf = try middle.issue("/CN=alice")
        let alice = PEMPair(certificate: leaf.certificate + middle.certificate, key: leaf.key)
        let (outcome, alert) = try sites.outcome(sites.policy(depth: depth), alice)
        #expect(outcome == (depth >= 1 ? .done : .failed(.clientCertificateUntrusted)))
        #expect(alert == (depth >= 1 ? nil : 48))
    }

    @Test("With a chain each authority needs a list, but the trusted one")
    func chains() throws {
        let sites = try ClientSites()
        let middle = try ClientAuthority("Middle", below: sites.authority)
        let leaf = try middle.issue("/CN=alice")
        let alice = PEMPair(certificate: leaf.certificate + middle.certificate, key: leaf.key)
        let (root, below) = (
            try sites.authority.revocationList(), try middle.revocationList()
        )
        let half = try sites.policy(lists: [below])
        #expect(try sites.outcome(half, alice).outcome == .failed(.clientRevocationUnknown))
        let whole = try sites.policy(lists: [root, below])
        #expect(try sites.outcome(whole, alice) == (.done, nil))
        let trusted = try sites.policy(lists: [below], authorities: middle.certificate)
        #expect(try sites.outcome(trusted, leaf) == (.done, nil))
        // The list of the authority above one that is trusted refused everybody.
        let both = try sites.policy(lists: [root, below], authorities: middle.certificate)
        #expect(try sites.outcome(both, leaf) == (.done, nil))
        #expect(try sites.outcome(both, alice) == (.done, nil))
        try sites.authority.revoke(
            PEMPair(certificate: middle.certificate, key: []))
        let after = try sites.authority.revocationList()
        for authorities in [nil, middle.certificate] {
            let revoked = try sites.policy(lists: [after, below], authorities: authorities)
            #expect(
                try sites.outcome(revoked, alice).outcome == .failed(.clientCertificateRevoked))
        }
    }

    @Test("Policies are one exactly when all that decides is the same")
    func digests() throws {
        let sites = try ClientSites()
        let list = try sites.authority.revocationList()
        let other = try ClientAuthority().certificate
        let policies = [
            try sites.policy(), try sites.policy(.optional), try sites.policy(depth: 1),
            try sites.policy(lists: [list]), try sites.policy(rules: ["CN=alice"]),
            try sites.policy(rules: ["CN=alice", "CN=bob"]),
            try sites.policy(authorities: other),
            try sites.policy(authorities: other + sites.authority.certificate),
        ]
        #expect(Set(policies.map(\.digest)).count == policies.count)
        #expect(try sites.policy().digest == policies[0].digest)
        #expect(policies[0].digest.count == 32)
    }

    @Test("A client resumes until a certificate of its chain or a revocation list expires")
    func resumes() throws {
        let sites = try ClientSites()
        let list = try sites.authority.revocationList(
            end: ClientVerificationTests.past, namesKey: true)
        let moment: Int64 = 1_609_459_200
        let dated = try sites.policy(lists: [list])
        #expect(dated.nextUpdate == moment)
        let renewed = try sites.policy(
            lists: [list, sites.authority.revocationList(namesKey: true)])
        #expect(renewed.resumes(hasCertificate: true, expiry: .max, now: moment))
        for (policy, expiry, now, mayResume) in [
            (try sites.policy(), moment, moment - 1, true),
            (try sites.policy(), moment, moment, false),
            (try sites.policy(), nil, 0, false), (try sites.policy(), Int64.max, moment + 1, true),
            (dated, Int64.max, moment - 1, true), (dated, Int64.max, moment, false),
        ] {
            let found = policy.resumes(hasCertificate: true, expiry: expiry, now: now)
            #expect(found == mayResume)
        }
        for mode in ClientVerification.Mode.allCases {
            let policy = try sites.policy(mode)
            let found = policy.resumes(hasCertificate: false, expiry: nil, now: moment)
            #expect(found == (mode == .optional))
        }
    }

    @Test("Without rules everybody may come who is let in; with rules those whom one is about")
    func rules() throws {
        let sites = try ClientSites()
        let pair = try sites.authority.issue("/CN=alice")
        let alice = try ClientIdentity.read(pair)
        #expect(try sites.policy().allows(alice))
        #expect(!(try sites.policy().allows(nil)))
        #expect(try sites.policy(.optional).allows(nil))
        #expect(try sites.policy(rules: ["CN=bob", "CN=alice"]).allows(alice))
        #expect(!(try sites.policy(rules: ["CN=bob"]).allows(alice)))
        #expect(!(try sites.policy(.optional, rules: ["CN=alice"]).allows(nil)))
    }
}
