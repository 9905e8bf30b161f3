import TestSupport
import Testing

@testable import TLS

struct CredentialChoiceTests {
    private let sites: TestSites

    init() throws { sites = try TestSites() }

    private func credential(
        _ first: String, _ second: String = "more.test", _ algorithm: KeyAlgorithm = .ecdsa
    ) throws -> Credential {
        let pair = try sites.authority.issue(first, second, algorithm: algorithm)
        return try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
    }

    @Test("Where there is one of each kind of key there is nothing to choose")
    func none() throws {
        let (ecdsa, rsa) = (try credential("a.test"), try credential("b.test", "c.test", .rsa))
        #expect(CredentialChoice([]) == nil)
        #expect(CredentialChoice([ecdsa]) == nil)
        #expect(CredentialChoice([rsa, ecdsa]) == nil)
        #expect(CredentialChoice([ecdsa, rsa, ecdsa])?.kindCount == 2)
        #expect(try sites.context(sites.store(algorithms: [.ecdsa, .rsa])).choices.isEmpty)
    }

    @Test("All curves of ECDSA are one kind, and other curves are another")
    func kinds() throws {
        let p256 = try credential("a.test")
        let p384 = try Credential(
            chainPEM: Array(Fixtures.p384Certificate.utf8), keyPEM: Array(Fixtures.p384Key.utf8))
        let edwards = try Credential(
            chainPEM: Array(Fixtures.ed25519Certificate.utf8),
            keyPEM: Array(Fixtures.ed25519Key.utf8))
        let choice = try #require(CredentialChoice([p256, edwards, p384]))
        #expect(choice.kindCount == 2)
        let places = [
            choice.place(of: 0, for: "a.test".utf8.span),
            choice.place(of: 0, for: "name.test".utf8.span),
            choice.place(of: 1, for: "name.test".utf8.span),
        ]
        #expect(places == [0, 2, 1])
    }

    @Test(
        "The first counts that covers the host, by its name or by a wildcard",
        arguments: [
            ("a.test", 0), ("b.test", 1), ("B.TEST.", 1), ("x.b.test", 1), ("y.b.test", 2),
            ("x.y.b.test", 0), (".b.test", 0), ("", 0), (".", 0), ("c.test", 0), ("more.test", 0),
        ])
    func hosts(_ row: (String, Int)) throws {
        let choice = try #require(
            CredentialChoice([
                credential("a.test"), credential("b.test", "x.b.test"),
                credential("*.b.test"),
            ]))
        let place = choice.place(of: 0, for: row.0.utf8.span)
        #expect(place == row.1)
    }
}
