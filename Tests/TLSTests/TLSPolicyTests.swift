import Testing

@testable import TLS

struct TLSPolicyTests {
    @Test(
        "A policy speaks its versions and no other", arguments: TLSPolicy.allCases,
        TLSVersion.allCases)
    func versions(_ policy: TLSPolicy, _ version: TLSVersion) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(policy: policy), sites.client(version))
        pair.run()
        let isSpoken = version.rawValue >= policy.minimumVersion.rawValue
        let outcome = pair.serverOutcome
        #expect(outcome == (isSpoken ? .done : .failed(.unsupportedVersion)))
    }

    @Test("Policies are named as in the configuration")
    func names() {
        #expect(TLSPolicy.allCases.map(\.rawValue) == ["modern", "intermediate"])
        #expect(TLSPolicy(rawValue: "old") == nil)
    }

    @Test("Each suite of TLS 1.2 is served to a client that has no other")
    func suites() throws {
        let sites = try TestSites()
        let context = try sites.context(sites.store(algorithms: [.ecdsa, .rsa]))
        for suite in TLSPolicy.suites12.split(separator: ":").map(String.init) {
            var pair = try Handshake(context, sites.client(.tls12, suites: suite))
            pair.run()
            // The standard's name has underscores and a WITH: the parts are the same.
            let name = pair.server.cipherSuite ?? "none"
            let parts = suite.replacing("AES", with: "AES_").split(separator: "-")
            #expect(parts.allSatisfy { name.contains($0) }, "\(suite) became \(name)")
        }
    }

    @Test(
        "What is weak is not served",
        arguments: [
            "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA",
            "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-CCM",
        ])
    func weakSuites(_ suite: String) throws {
        let sites = try TestSites()
        let context = try sites.context(sites.store(algorithms: [.ecdsa, .rsa]))
        var pair = try Handshake(context, sites.client(.tls12, suites: suite))
        pair.run()
        let outcome = pair.serverOutcome
        #expect(outcome == .failed(.noSharedCipher))
    }

    @Test(
        "Each group is served to a client that has no other, and no other group",
        arguments: TLSVersion.allCases,
        [
            ("X25519", true), ("P-256", true), ("P-384", true), ("P-521", false), ("X448", false),
        ])
    func groups(_ version: TLSVersion, _ row: (String, Bool)) throws {
        let sites = try TestSites()
        // In TLS 1.2 the list speaks of certificates too: whoever lacks P-256 is shown the one of
        // RSA.
        let context = try sites.context(sites.store(algorithms: [.ecdsa, .rsa]))
        var pair = try Handshake(context, sites.client(version, groups: row.0))
        pair.run()
        let isEstablished = pair.isEstablished
        #expect(isEstablished == row.1)
    }

    @Test("A group that this OpenSSL lacks is left out, and leaves no error behind")
    func missingGroup() throws {
        let sites = try TestSites()
        let lists = TLSPolicy.groups
        #expect(lists.count == 2 && lists[0] == "X25519MLKEM768:" + lists[1])
        // A client that asks for a group by a name that is none learns that; the server's list has
        // a second.
        #expect(throws: TLSError.self) { try sites.client(groups: "NONE25519") }
        _ = try sites.context()
        #expect(ErrorQueue.take() == nil)
    }

    @Test("Our order of suites decides, but ChaCha20 goes to clients that lead with it")
    func preference() throws {
        let sites = try TestSites()
        let context = try sites.context()
        let (aes128, aes256) = ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384")
        let chacha = "ECDHE-ECDSA-CHACHA20-POLY1305"
        let table = [
            ([aes256, aes128, chacha], "AES_128"), ([aes256, chacha], "AES_256"),
            ([chacha, aes128], "CHACHA20"),
        ]
        for (offer, chosen) in table {
            let client = try sites.client(.tls12, suites: offer.joined(separator: ":"))
            var pair = try Handshake(context, client)
            pair.run()
            let suite = pair.server.cipherSuite
            #expect(suite?.contains(chosen) == true)
        }
    }
}
