import Testing

@testable import TLS

struct CertificateMakerTests {
    private let authority: PEMPair

    init() throws {
        authority = try CertificateMaker.makeAuthority(
            commonName: "Maker CA", validity: .seconds(86_400))
    }

    private func leaf(_ names: [String], validity: Duration = .seconds(60)) throws -> Credential {
        let pair = try CertificateMaker.makeLeaf(
            names: names, authority: authority, validity: validity)
        return try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
    }

    @Test("A client that trusts the authority accepts the leaf", arguments: TLSVersion.allCases)
    func trust(_ version: TLSVersion) throws {
        let credential = try leaf(["a.test"])
        let store = CredentialStore(
            sites: [.init(hosts: ["a.test"], credentials: [credential], index: 0)],
            defaultSite: 0, rejectsUnknownHosts: false)
        let server = try TLSContext(
            store: store, policy: .intermediate, alpn: [], ticketKeys: TicketKeys())
        let client = try TLSClientContext(trusted: authority.certificate)
        var pair = try Handshake(server, client)
        pair.run()
        let isEstablished = pair.isEstablished
        #expect(isEstablished)
    }

    @Test("Names and addresses are covered each in their way")
    func names() throws {
        let credential = try leaf(["a.test", "*.b.test", "127.0.0.1", "::1"])
        for host in ["a.test", "x.b.test", "127.0.0.1", "::1"] {
            #expect(credential.covers(host: host), "\(host)")
        }
        #expect(!credential.covers(host: "127.0.0.2"))
        #expect(credential.names == ["a.test", "*.b.test"])
        let addresses = try leaf(["127.0.0.1"])
        #expect(addresses.covers(host: "127.0.0.1") && addresses.names == [])
    }

    @Test("A host of any length is taken", arguments: [63, 64, 65, 253])
    func longNames(_ count: Int) throws {
        // A common name has 64 characters at most (RFC 5280 §A.1); the hosts stand elsewhere.
        let labels = Array(repeating: String(repeating: "a", count: 49), count: 5)
        let name = String(labels.joined(separator: ".").suffix(count - 4)) + ".com"
        #expect(name.utf8.count == count)
        let credential = try leaf([name])
        #expect(credential.names == [name] && credential.covers(host: name))
        #expect(credential.subject == (count <= 64 ? "CN=\(name)" : ""))
        let second = try leaf([name, "a.test"])
        #expect(second.subject == (count <= 64 ? "CN=\(name)" : "CN=a.test"))
    }

    @Test(
        "What is no name is refused, rather than taken for more than one",
        arguments: [[], [""], ["a.test,DNS:b.test"], ["a.test\nb.test"], ["a.test", ""], ["a b"]])
    func noNames(_ names: [String]) {
        #expect(throws: TLSError.self) { try leaf(names) }
        #expect(ErrorQueue.take() == nil)
    }

    @Test("Two certificates share neither serial number nor key")
    func serials() throws {
        let (one, other) = (try leaf(["a.test"]), try leaf(["a.test"]))
        #expect(one.serial != other.serial && one.sha256Fingerprint != other.sha256Fingerprint)
        let pair = try CertificateMaker.makeAuthority(commonName: "CA", validity: .seconds(1))
        #expect(pair.key != authority.key)
    }

    @Test("Validity reaches from an hour ago for as long as asked", arguments: [1, 3_600, 1 << 32])
    func validity(_ seconds: Int) throws {
        let credential = try leaf(["a.test"], validity: .seconds(seconds))
        // The two ends are computed one after the other.
        let excess = credential.notAfter - credential.notBefore - Int64(seconds) - 3_600
        #expect((0...600).contains(excess))
    }

    @Test("An authority that cannot be read signs nothing")
    func damaged() throws {
        let other = try SigningKey().pem()
        let table = [
            PEMPair(certificate: [], key: authority.key),
            PEMPair(certificate: authority.certificate, key: []),
            PEMPair(certificate: authority.certificate, key: Array(Fixtures.encryptedKey.utf8)),
        ]
        for pair in table {
            #expect(throws: TLSError.self) {
                try CertificateMaker.makeLeaf(
                    names: ["a.test"], authority: pair, validity: .seconds(60))
            }
            #expect(ErrorQueue.take() == nil)
        }
        #expect(other != authority.key)
    }
}
