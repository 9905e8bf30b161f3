import Testing

@testable import TLS

struct TicketKeysTests {
    @Test(
        "Contexts with the same keys resume each other's sessions", arguments: TLSVersion.allCases)
    func shared(_ version: TLSVersion) throws {
        let sites = try TestSites()
        let client = try sites.client(version)
        // As after a reload: another store, other certificates, the same keys.
        var first = try Handshake(sites.context(), client)
        first.run()
        let kept = first.client.ticket
        let ticket = try #require(kept)
        let store = try sites.store([["b.test"], ["a.test", "c.test"]])
        var again = try Handshake(sites.context(store), client, ticket: ticket)
        again.run()
        let facts = (again.isEstablished, again.server.isResumed, again.server.site)
        #expect(facts == (true, true, 1))
    }

    @Test("Other keys do not resume, and the handshake goes on", arguments: TLSVersion.allCases)
    func foreign(_ version: TLSVersion) throws {
        let (sites, other) = (try TestSites(), try TicketKeys())
        let client = try sites.client(version)
        var first = try Handshake(sites.context(), client)
        first.run()
        let kept = first.client.ticket
        let ticket = try #require(kept)
        let context = try TLSContext(
            store: sites.store(), policy: .intermediate, alpn: [], ticketKeys: other)
        var again = try Handshake(context, client, ticket: ticket)
        again.run()
        let facts = [again.isEstablished, again.server.isResumed, again.client.isResumed]
        #expect(facts == [true, false, false])
    }

    @Test(
        "A key that seals no more still opens, and the client gets a ticket of the present one",
        arguments: TLSVersion.allCases)
    func renewal(_ version: TLSVersion) throws {
        let sites = try TestSites()
        let client = try sites.client(version)
        let (old, new) = (try TicketKey(), try TicketKey())
        func context(_ keys: [TicketKey]) throws -> TLSContext {
            try TLSContext(
                store: sites.store(), policy: .intermediate, alpn: [], ticketKeys: TicketKeys(keys))
        }
        var first = try Handshake(context([old, new]), client)
        first.run()
        let kept = first.client.ticket
        var second = try Handshake(context([new, old]), client, ticket: kept)
        second.run()
        #expect([second.server.isResumed, second.client.isResumed] == [true, true])
        let renewed = second.client.ticket
        var third = try Handshake(context([new]), client, ticket: renewed)
        third.run()
        let isResumed = third.server.isResumed
        #expect(isResumed)
    }

    @Test("A ticket that was tampered with leads to a full handshake")
    func tampered() throws {
        let sites = try TestSites()
        let client = try sites.client(.tls13)
        let key = try TicketKey.parse([UInt8](repeating: 200, count: 80))
        let forged = try TicketKey.parse(
            [UInt8](repeating: 200, count: 16) + [UInt8](repeating: 201, count: 64))
        func context(_ keys: [TicketKey]) throws -> TLSContext {
            try TLSContext(
                store: sites.store(), policy: .intermediate, alpn: [], ticketKeys: TicketKeys(keys))
        }
        var first = try Handshake(context(forged), client)
        first.run()
        let kept = first.client.ticket
        // The name of the key is right, and so the ticket is opened; its seal is not.
        var second = try Handshake(context(key), client, ticket: kept)
        second.run()
        let facts = [second.isEstablished, second.server.isResumed]
        #expect(facts == [true, false])
    }

    // A client that resumed got no ticket for the next time, so that every second handshake was a
    // full one.
    @Test("Who resumes in TLS 1.3 gets another ticket for the next time")
    func another() throws {
        let sites = try TestSites()
        let client = try sites.client(.tls13)
        let context = try sites.context()
        var first = try Handshake(context, client)
        first.run()
        var ticket = first.client.ticket
        for _ in 0..<3 {
            var next = try Handshake(context, client, ticket: ticket)
            next.run()
            let fresh = next.client.ticket
            let facts = [next.server.isResumed, fresh?.sealed != ticket?.sealed]
            #expect(facts == [true, true])
            ticket = fresh
        }
    }
}
