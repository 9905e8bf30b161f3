import Bytes
import TestSupport
import Testing

@testable import TLS

/// What is known of a client once it is in, and for how long that is believed.
struct TLSSessionClientTests {
    private let sites: ClientSites
    private let alice: PEMPair

    init() throws {
        sites = try ClientSites()
        alice = try sites.authority.issue("/CN=alice")
    }

    /// A session of a client of `host`, perhaps from a ticket.
    private func established(
        _ server: TLSContext, _ client: TLSClientContext, host: String = "a.test",
        ticket: TLSClientTicket? = nil
    ) throws -> Handshake {
        var pair = try Handshake(server, client, serverName: host, ticket: ticket)
        pair.run()
        _ = pair.send([1])
        let isEstablished = pair.isEstablished
        try #require(isEstablished)
        return pair
    }

    @Test("Who has shown a certificate is known; who was not asked is nobody")
    func identity() throws {
        let server = try sites.context(sites.policy(.optional), nil)
        var shown = try established(server, sites.client(alice))
        let client = shown.server.clientIdentity
        #expect(client?.subject == Array("CN=alice".utf8))
        #expect(client?.chain.isEmpty == true)
        var silent = try established(server, sites.client(nil))
        let nobody = silent.server.clientIdentity == nil
        #expect(nobody)
        var unasked = try established(server, sites.client(alice), host: "b.test")
        let unknown = unasked.server.clientIdentity == nil
        #expect(unknown)
    }

    @Test("The chain is known without its root, in a full handshake")
    func chain() throws {
        let middle = try ClientAuthority("Middle", below: sites.authority)
        let leaf = try middle.issue("/CN=carol")
        let carol = PEMPair(certificate: leaf.certificate + middle.certificate, key: leaf.key)
        let (server, client) = (try sites.context(sites.policy()), try sites.client(carol))
        var first = try established(server, client)
        let chain = first.server.clientIdentity?.chain
        let expected = try ClientIdentity.read(PEMPair(certificate: middle.certificate, key: []))
        #expect(chain == [expected.certificate])
        var second = try established(server, client, ticket: first.client.ticket)
        let isResumed = second.server.isResumed
        #expect(isResumed)
        let later = second.server.clientIdentity
        #expect(later?.subject == Array("CN=carol".utf8) && later?.chain.isEmpty == true)
    }

    @Test("A resumed session keeps the identity", arguments: TLSVersion.allCases)
    func resumption(_ version: TLSVersion) throws {
        for mode in ClientVerification.Mode.allCases {
            let server = try sites.context(sites.policy(mode))
            let client = try sites.client(alice, version)
            var ticket: TLSClientTicket?
            for round in 0..<3 {
                var pair = try established(server, client, ticket: ticket)
                let (isResumed, subject) = (
                    pair.server.isResumed, pair.server.clientIdentity?.subject
                )
                #expect(isResumed == (round > 0))
                #expect(subject == Array("CN=alice".utf8))
                ticket = pair.client.ticket
            }
        }
    }

    @Test("Who resumes without a certificate stays without one")
    func silentResumption() throws {
        let server = try sites.context(sites.policy(.optional))
        let client = try sites.client(nil)
        let first = try established(server, client)
        var second = try established(server, client, ticket: first.client.ticket)
        let (isResumed, isNobody) = (
            second.server.isResumed, second.server.clientIdentity == nil
        )
        #expect(isResumed && isNobody)
    }

    @Test("A ticket is worth nothing under another policy", arguments: TLSVersion.allCases)
    func policies(_ version: TLSVersion) throws {
        let client = try sites.client(alice, version)
        let list = try sites.authority.revocationList()
        let policies = [
            nil, try sites.policy(.optional), try sites.policy(), try sites.policy(lists: [list]),
            try sites.policy(rules: ["CN=alice"]),
        ]
        for (index, first) in policies.enumerated() {
            let ticket = try established(sites.context(first), client).client.ticket
            for (other, second) in policies.enumerated() {
                let isResumed = try established(sites.context(second), client, ticket: ticket)
                    .server.isResumed
                #expect(isResumed == (index == other), "\(index) \(other)")
            }
        }
    }

    @Test("A host whose site judges clients otherwise is for another connection")
    func misdirected() throws {
        let (lax, strict) = (try sites.policy(.optional), try sites.policy())
        let server = try sites.context(nil, lax, strict)
        let client = try sites.client(alice)
        for (index, host) in ["a.test", "b.test", "c.test"].enumerated() {
            let pair = try established(server, client, host: host)
            let served = ["a.test", "b.test", "c.test"].map {
                pair.server.serves(host: Array($0.utf8).span)
            }
            #expect(served == [index == 0, index == 1, index == 2])
        }
        let alike = try sites.context(strict, sites.policy())
        let pair = try established(alike, client)
        let isServed = pair.server.serves(host: "b.test".utf8.span)
        #expect(isServed)
    }

    @Test("After a change of policy the certificate is judged anew")
    func standing() throws {
        let bob = try sites.authority.issue("/CN=bob")
        try sites.authority.revoke(bob)
        let list = try sites.authority.revocationList()
        let before = try sites.policy(rules: ["CN=alice", "CN=bob"])
        let revoking = try sites.policy(lists: [list])
        let foreign = try sites.policy(authorities: ClientAuthority().certificate)
        let allowing = try sites.policy(rules: ["CN=bob"])
        for (pair, expected) in [
            (alice, [ClientStanding.accepted, .accepted, .misdirected, .forbidden, .accepted]),
            (bob, [.accepted, .misdirected, .misdirected, .accepted, .accepted]),
        ] {
            var handshake = try established(sites.context(before), sites.client(pair))
            var found: [ClientStanding] = []
            for policy in [before, revoking, foreign, allowing, nil] {
                found.append(handshake.server.standing(under: policy))
            }
            #expect(found == expected)
        }
        let isClean = ErrorQueue.take() == nil
        #expect(isClean)
    }

    /// Each request that came behind the refusal was verified, and refused, anew.
    @Test("A certificate is judged once by each policy, also where it is refused")
    func refused() throws {
        var pair = try established(sites.context(sites.policy()), sites.client(alice))
        let foreign = try sites.policy(authorities: ClientAuthority().certificate)
        let before = pair.server.client?.refused == nil
        #expect(before)
        for _ in 0..<2 {
            let standing = pair.server.standing(under: foreign)
            #expect(standing == .misdirected)
            let isKnown = pair.server.client?.refused === foreign
            #expect(isKnown)
        }
        let standing = pair.server.standing(under: try sites.policy())
        #expect(standing == .accepted)
    }

    @Test("Who was not asked needs another connection once the site asks")
    func unasked() throws {
        var pair = try established(sites.context(nil), sites.client(alice))
        for mode in ClientVerification.Mode.allCases {
            let standing = pair.server.standing(under: try sites.policy(mode))
            #expect(standing == .misdirected)
        }
        let standing = pair.server.standing(under: nil)
        #expect(standing == .accepted)
    }
}
