import TestSupport
import Testing

@testable import TLS

struct TLSClientContextTests {
    @Test("What OpenSSL does not know is refused in words")
    func refusals() throws {
        let sites = try TestSites()
        let table: [(String, () throws -> TLSClientContext)] = [
            ("set the suites", { try sites.client(suites: "none") }),
            ("set the groups", { try sites.client(groups: "none") }),
            ("set the groups", { try sites.client(groups: "X25519:none") }),
            ("set the signature algorithms", { try sites.client(signatureAlgorithms: "none") }),
            ("read the trusted authorities", { try TLSClientContext(trusted: []) }),
            ("read the trusted authorities", { try TLSClientContext(trusted: [1, 2, 3]) }),
        ]
        for (operation, make) in table {
            let error = #expect(throws: TLSError.self) { try make() }
            #expect(error?.operation == operation)
            #expect(ErrorQueue.take() == nil)
        }
    }

    @Test("A client that trusts nobody in particular accepts any certificate")
    func trusting() throws {
        let sites = try TestSites()
        var pair = try Handshake(
            sites.context(), TLSClientContext(trusted: nil), serverName: "elsewhere.test")
        pair.run()
        let facts = (pair.isEstablished, pair.client.serverSubject)
        #expect(facts == (true, "CN=a.test"))
    }

    @Test("A client trusts each of several authorities")
    func several() throws {
        let (one, other) = (try TestSites(), try TestSites())
        let client = try TLSClientContext(
            trusted: one.authority.pair.certificate + other.authority.pair.certificate)
        for sites in [one, other] {
            var pair = try Handshake(sites.context(), client)
            pair.run()
            let isEstablished = pair.isEstablished
            #expect(isEstablished)
        }
    }
}
