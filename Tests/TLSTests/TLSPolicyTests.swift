import Testing

@testable import TLS

struct TLSPolicyTests {
    private static let policies: [(String, TLSPolicy)] = [
        ("modern", .modern), ("intermediate", .intermediate),
    ]

    @Test("A policy speaks its versions and no other", arguments: policies, TLSVersion.allCases)
    func versions(_ row: (String, TLSPolicy), _ version: TLSVersion) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(policy: row.1), sites.client(version))
        pair.run()
        let isSpoken = version >= row.1.minimumVersion
        let outcome = pair.serverOutcome
        #expect(outcome == (isSpoken ? .done : .failed(.unsupportedVersion)))
    }

    @Test("Policies are what Mozilla publishes as version 5.7, and ML-KEM before its groups")
    func published() {
        let modern = TLSPolicy.modern
        let intermediate = TLSPolicy.intermediate
        #expect(modern.minimumVersion == .tls13 && modern.maximumVersion == .tls13)
        #expect(intermediate.minimumVersion == .tls12 && intermediate.maximumVersion == .tls13)
        let suites = """
            TLS_AES_128_GCM_SHA256 TLS_AES_256_GCM_SHA384 TLS_CHACHA20_POLY1305_SHA256 \
            ECDHE-ECDSA-AES128-GCM-SHA256 ECDHE-RSA-AES128-GCM-SHA256 \
            ECDHE-ECDSA-AES256-GCM-SHA384 ECDHE-RSA-AES256-GCM-SHA384 \
            ECDHE-ECDSA-CHACHA20-POLY1305 ECDHE-RSA-CHACHA20-POLY1305 \
            DHE-RSA-AES128-GCM-SHA256 DHE-RSA-AES256-GCM-SHA384 DHE-RSA-CHACHA20-POLY1305
            """.split(separator: " ").map(String.init)
        #expect(modern.cipherSuites == Array(suites.prefix(3)))
        #expect(intermediate.cipherSuites == suites)
        #expect(modern.groups == ["X25519MLKEM768", "X25519", "P-256", "P-384"])
        #expect(intermediate.groups == modern.groups)
    }

    @Test("Nothing in a policy is weak, and this OpenSSL has all but the newest group")
    func strength() throws {
        let catalog = TLSCatalog.current
        for suite in TLSPolicy.intermediate.cipherSuites {
            let known = try #require(catalog.cipherSuite(named: suite))
            #expect(known.weakness == nil)
        }
        for group in TLSPolicy.intermediate.groups.dropFirst() {
            #expect(catalog.groups.contains(group))
        }
        for algorithm in TLSPolicy.intermediate.signatureAlgorithms {
            #expect(catalog.signatureAlgorithms.contains(algorithm))
        }
    }

    @Test("Each suite of TLS 1.2 is served to a client that has no other")
    func suites() throws {
        let sites = try TestSites()
        let context = try sites.context(sites.store(algorithms: [.ecdsa, .rsa]))
        for suite in TLSPolicy.intermediate.cipherSuites where !suite.hasPrefix("TLS_") {
            var pair = try Handshake(context, sites.client(.tls12, suites: suite))
            pair.run()
            let name = pair.server.cipherSuite
            #expect(name == TLSCatalog.current.cipherSuite(named: suite)?.standardName)
        }
    }

    @Test(
        "What is weak is not served",
        arguments: [
            "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA",
            "AES128-GCM-SHA256", "DHE-RSA-AES128-SHA256", "ECDHE-ECDSA-AES128-CCM",
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
        // RSA. Suites without curves need no group.
        let context = try sites.context(sites.store(algorithms: [.ecdsa, .rsa]))
        let suites = "ECDHE+AESGCM"
        var pair = try Handshake(context, sites.client(version, suites: suites, groups: row.0))
        pair.run()
        let isEstablished = pair.isEstablished
        #expect(isEstablished == row.1)
    }

    @Test("What this OpenSSL lacks is left out of a policy, and leaves no error behind")
    func missing() throws {
        let sites = try TestSites()
        // A client that asks for a group by a name that is none learns that.
        #expect(throws: TLSError.self) { try sites.client(groups: "NONE25519") }
        var policy = TLSPolicy.intermediate
        policy.groups = ["NONE25519", "P-384"]
        policy.cipherSuites.insert("NONE_WITH_NONE", at: 0)
        policy.signatureAlgorithms.insert("none_with_sha3", at: 0)
        var pair = try Handshake(sites.context(policy: policy), sites.client())
        #expect(ErrorQueue.take() == nil)
        pair.run()
        let isEstablished = pair.isEstablished
        #expect(isEstablished)
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
