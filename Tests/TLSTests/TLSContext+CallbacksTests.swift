import TestSupport
import Testing

@testable import TLS

/// What the ClientHello decides.
struct TLSContextCallbacksTests {
    @Test(
        "The host leads to the site and its certificate", arguments: TLSVersion.allCases,
        [
            ("a.test", 0, "CN=a.test"), ("B.TEST", 1, "CN=b.test"), ("x.c.test", 2, "CN=*.c.test"),
        ])
    func hosts(_ version: TLSVersion, _ row: (String, Int, String)) throws {
        let sites = try TestSites()
        let store = try sites.store([["a.test"], ["b.test"], ["*.c.test"]])
        var pair = try Handshake(
            sites.context(store), sites.client(version), serverName: row.0)
        pair.run()
        let facts = (pair.isEstablished, pair.server.site, pair.client.serverSubject)
        #expect(facts == (true, row.1, row.2))
    }

    @Test(
        "An unknown host is refused with unrecognized_name", arguments: TLSVersion.allCases,
        ["c.test", "x.a.test", nil])
    func unknownHosts(_ version: TLSVersion, _ name: String?) throws {
        let sites = try TestSites()
        let client = try sites.client(version)
        // Rejected by configuration, or for want of a default.
        let stores = [
            try sites.store(defaultSite: 0, rejectsUnknownHosts: true),
            try sites.store(defaultSite: nil),
        ]
        for store in stores {
            var pair = try Handshake(sites.context(store), client, serverName: name)
            pair.run()
            let outcome = pair.serverOutcome
            #expect(outcome == .failed(.unknownHost))
            // RFC 6066 §3.
            let facts = (pair.client.serverAlert, pair.server.serverName, pair.server.site)
            #expect(facts == (112, name, nil))
            var known = try Handshake(sites.context(store), client, serverName: "b.test")
            known.run()
            let site = known.server.site
            #expect(site == 1)
        }
    }

    @Test("An unknown host gets the default site, whichever it is", arguments: [0, 1])
    func defaultSite(_ site: Int) throws {
        let sites = try TestSites()
        let context = try sites.context(sites.store(defaultSite: site))
        let client = try TLSClientContext(trusted: nil)
        var pair = try Handshake(context, client, serverName: "c.test")
        pair.run()
        let facts = (pair.isEstablished, pair.server.site, pair.client.serverSubject)
        #expect(facts == (true, site, site == 0 ? "CN=a.test" : "CN=b.test"))
    }

    @Test(
        "The certificate is one that the client can verify", arguments: TLSVersion.allCases,
        [
            ("ECDSA+SHA256", "ecdsa"), ("RSA-PSS+SHA256", "rsa"),
            ("ECDSA+SHA256:RSA-PSS+SHA256", "ecdsa"), ("RSA-PSS+SHA256:ECDSA+SHA256", "ecdsa"),
        ])
    func algorithms(_ version: TLSVersion, _ row: (String, String)) throws {
        let sites = try TestSites()
        let rsa = try sites.authority.issue("rsa", "a.test", "b.test", algorithm: .rsa)
        let ecdsa = try sites.authority.issue("ecdsa", "a.test", "b.test")
        let both = try [rsa, ecdsa].map {
            try Credential(chainPEM: $0.certificate, keyPEM: $0.key)
        }
        let store = CredentialStore(
            sites: [
                .init(hosts: ["a.test"], credentials: both, index: 0),
                .init(hosts: ["b.test"], credentials: both, index: 1),
            ], defaultSite: nil, rejectsUnknownHosts: true)
        let client = try sites.client(version, signatureAlgorithms: row.0)
        for name in ["a.test", "b.test"] {
            var pair = try Handshake(sites.context(store), client, serverName: name)
            pair.run()
            let facts = (pair.isEstablished, pair.client.serverSubject)
            #expect(facts == (true, "CN=\(row.1)"))
        }
    }

    /// The second of a kind was loaded, watched and renewed, and never shown.
    @Test(
        "Of each kind of key the first is shown that covers the host, or else the first",
        arguments: [
            ("a.test", "first"), ("b.test", "first"), ("C.Test", "second"), ("x.c.test", "second"),
            ("d.test", "third"), ("e.test", "first"), ("x.y.c.test", "first"), (nil, "first"),
        ] as [(String?, String)], [0, 1])
    func precedence(_ row: (String?, String), _ site: Int) throws {
        let sites = try TestSites()
        let shown = try [
            sites.authority.issue("first", "a.test", "b.test"),
            sites.authority.issue("rsa", "c.test", algorithm: .rsa),
            sites.authority.issue("second", "b.test", "c.test", "*.c.test"),
            sites.authority.issue("third", "c.test", "d.test"),
        ].map { try Credential(chainPEM: $0.certificate, keyPEM: $0.key) }
        let other = CredentialStore.Site(
            hosts: ["other.test"], credentials: [try sites.credential("other.test")],
            index: 1 - site)
        let mine = CredentialStore.Site(
            hosts: ["a.test", "b.test"], credentials: shown, index: site)
        let store = CredentialStore(
            sites: site == 0 ? [mine, other] : [other, mine], defaultSite: site,
            rejectsUnknownHosts: false)
        let context = try sites.context(store)
        for (algorithms, subject) in [("ECDSA+SHA256", row.1), ("RSA-PSS+SHA256", "rsa")] {
            let client = try TLSClientContext(trusted: nil, signatureAlgorithms: algorithms)
            var pair = try Handshake(context, client, serverName: row.0)
            pair.run()
            let facts = (pair.isEstablished, pair.client.serverSubject)
            #expect(facts == (true, "CN=\(subject)"))
        }
    }

    @Test(
        "Our order of protocols decides, among those that the client offers",
        arguments: TLSVersion.allCases,
        [
            (["h2", "http/1.1"], ["http/1.1", "h2"], "h2"),
            (["h2", "http/1.1"], ["http/1.1"], "http/1.1"),
            (["h2", "http/1.1"], ["http/1.0", "h2c", "http/1.1"], "http/1.1"),
            (["http/1.1"], ["h2", "http/1.1"], "http/1.1"),
            (["h2", "http/1.1"], [], nil),
            ([], ["h2"], nil),
            ([], [], nil),
        ] as [([String], [String], String?)])
    func protocols(_ version: TLSVersion, _ row: ([String], [String], String?)) throws {
        let sites = try TestSites()
        var pair = try Handshake(
            sites.context(alpn: row.0), sites.client(version, alpn: row.1))
        pair.run()
        let facts = (pair.isEstablished, pair.server.negotiatedProtocol)
        #expect(facts == (true, row.2))
    }
}
