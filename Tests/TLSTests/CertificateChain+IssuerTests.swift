import TestSupport
import Testing

@testable import TLS

struct CertificateChainIssuerTests {
    private let authority: TestAuthority

    init() throws { authority = try TestAuthority() }

    private func missing(_ pem: [UInt8], _ key: [UInt8]) throws -> String? {
        try Credential(chainPEM: pem, keyPEM: key).missingIssuer
    }

    @Test("A chain that ends in a root, or in a leaf that tells no other issuer, lacks nothing")
    func leaf() throws {
        let leaf = try authority.issue("a.test")
        let root = authority.pair
        #expect(try missing(leaf.certificate + root.certificate, leaf.key) == nil)
        #expect(try missing(root.certificate + leaf.certificate, leaf.key) == nil)
        #expect(try missing(leaf.certificate, leaf.key) == nil)
        #expect(try missing(root.certificate, root.key) == nil)
        #expect(ErrorQueue.take() == nil)
    }

    @Test("An authority of the same name that did not sign is no issuer")
    func namesake() throws {
        let leaf = try authority.issue("a.test")
        let other = try TestAuthority().pair
        #expect(try missing(leaf.certificate + other.certificate, leaf.key) == "CN=Test CA")
        #expect(ErrorQueue.take() == nil)
    }

    @Test("Nothing is said of a chain that is not in order yet")
    func unordered() throws {
        let chain = try CertificateChain(pem: try authority.issue("a.test").certificate)
        #expect(chain.missingIssuer == nil)
    }
}
