import Bytes
import COpenSSL
import TestSupport
import Testing

@testable import TLS

/// What tickets carry of a client's certificate.
struct TLSContextClientsTests {
    @Test(
        "A session knows when the first certificate of its chain expires",
        arguments: TLSVersion.allCases)
    func expiries(_ version: TLSVersion) throws {
        let sites = try ClientSites()
        let context = try sites.context(sites.policy(), sites.policy(.optional), nil)
        let alice = try sites.authority.issue("/CN=alice", end: "20491231235959Z")
        let authority = try Credential.expiry(of: sites.authority.certificate)
        for (host, pair, expected) in [
            ("a.test", alice, authority), ("b.test", alice, authority), ("b.test", nil, nil),
            ("c.test", alice, nil),
        ] {
            let client = try sites.client(pair, version)
            var ticket: TLSClientTicket?
            for round in 0..<2 {
                var handshake = try Handshake(context, client, serverName: host, ticket: ticket)
                handshake.run()
                _ = handshake.send([1])
                let isResumed = handshake.server.isResumed
                #expect(isResumed == (round > 0))
                // SAFETY: lifetime: the session lives as long as the handshake.
                let found = unsafe TicketNote(
                    of: SSL_get_session(handshake.server.channel.session))?.expiry
                #expect(found == expected)
                ticket = handshake.client.ticket
            }
        }
    }

    @Test(
        "A site that asks its clients accepts no early data, whatever a client makes of its ticket",
        arguments: ClientVerification.Mode.allCases)
    func earlyData(_ mode: ClientVerification.Mode) throws {
        let sites = try ClientSites()
        let gate = try EarlyDataGate { 0 }
        let context = try sites.context(sites.policy(mode), nil, earlyData: gate)
        let client = try sites.client(sites.authority.issue("/CN=alice"))
        for (host, limit, isAccepted) in [("a.test", 0, false), ("b.test", 16_384, true)] {
            var first = try Handshake(context, client, serverName: host)
            first.run()
            _ = first.send([1])
            let kept = first.client.ticket
            let ticket: TLSClientTicket = try #require(kept)
            #expect(ticket.earlyDataLimit == limit)
            // SAFETY: lifetime: the ticket holds the session.
            unsafe SSL_SESSION_set_max_early_data(ticket.handle, 16_384)
            var again = try Handshake(context, client, serverName: host, ticket: ticket)
            let isSent = again.beginEarly([1, 2, 3])
            #expect(isSent)
            again.settle()
            let facts = [
                again.isEstablished, again.server.isResumed, again.server.isEarlyDataAccepted,
                again.received.count == 3,
            ]
            #expect(facts == [true, true, isAccepted, isAccepted], "\(host)")
            let fate = again.server.takeEarlyDataFate()
            #expect(fate == (isAccepted ? .accepted : .refused))
        }
    }

    @Test("Sites ask alike exactly when their policies say the same")
    func alike() throws {
        let sites = try ClientSites()
        let context = try sites.context(sites.policy(), sites.policy(), sites.policy(.optional))
        let alike = [(0, 0), (0, 1), (1, 0), (0, 2), (2, 1)].map { context.asksAlike($0, $1) }
        #expect(alike == [true, true, true, false, false])
        let unasked = try sites.context(nil, nil, sites.policy())
        #expect(unasked.asksAlike(0, 1) && !unasked.asksAlike(0, 2))
    }

    @Test("A site's identity changes with its policy")
    func identities() throws {
        let sites = try ClientSites()
        let contexts = [
            try sites.context(nil), try sites.context(sites.policy()),
            try sites.context(sites.policy(.optional)),
        ]
        #expect(Set(contexts.map { $0.identities[0] }).count == 3)
        #expect(try sites.context(sites.policy()).identities[0] == contexts[1].identities[0])
    }
}

extension Credential {
    /// When a certificate expires.
    fileprivate static func expiry(of pem: [UInt8]) throws -> Int64? {
        let chain = try CertificateChain(pem: pem)
        // SAFETY: lifetime: the chain lives during the call.
        return unsafe chain.certificates.first.map { unsafe CertificateFacts($0).notAfter }
    }
}
