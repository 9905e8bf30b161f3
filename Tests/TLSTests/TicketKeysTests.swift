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
}
