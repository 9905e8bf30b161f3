import Testing

@testable import Config

struct TLSOverrideTests {
    private func offers(_ tls: String, listener: String, site: String = "{}") throws
        -> (global: TLSOffer, listener: TLSOffer, site: TLSOffer)
    {
        let result = load(
            """
            listeners: [{ address: "0.0.0.0:443", tls: \(listener) }]
            sites:
              - hosts: ["a.example"]
                certificates: [{ chain: a.pem, key: a.key }]
                backend: "http://127.0.0.1:9000"
                tls: \(site)
            tls: \(tls)
            """)
        #expect(result.diagnostics == [])
        let config = try #require(result.config)
        let offer = config.listeners[0].offer
        return (config.tls.offer, offer, config.sites[0].tls.override.applied(to: offer))
    }

    @Test("What a listener or a site leaves out is what stands around it")
    func inherited() throws {
        let tls = "{ policy: modern, groups: [X25519], cipher_suites: [TLS_AES_128_GCM_SHA256] }"
        let (global, listener, site) = try offers(tls, listener: "true")
        #expect(global.policy == .modern)
        #expect(global.groups?.map(\.text) == ["X25519"])
        #expect(global.cipherSuites?.first?.mark == SourceMark(line: 7, column: 58))
        #expect(global.versions == nil && global.signatureAlgorithms == nil)
        #expect(listener == global && site == global)
    }

    @Test("What is said nearer counts, and auto takes back what is said around")
    func nearer() throws {
        let (global, listener, site) = try offers(
            "{ groups: [X25519], signature_algorithms: [ed25519] }",
            listener: "{ groups: [P-256], versions: [TLSv1.3] }",
            site: "{ groups: auto, versions: [TLSv1.2] }")
        #expect(global.groups?.map(\.text) == ["X25519"] && global.versions == nil)
        #expect(listener.groups?.map(\.text) == ["P-256"] && listener.versions == [.tls13])
        #expect(site.groups == nil && site.versions == [.tls12])
        #expect(site.signatureAlgorithms?.map(\.text) == ["ed25519"])
    }

    @Test("With a policy of its own, nothing of the surrounding lists stays")
    func policies() throws {
        let (_, listener, site) = try offers(
            "{ groups: [X25519], versions: [TLSv1.2] }",
            listener: "{ policy: modern, signature_algorithms: [ed25519] }",
            site: "{ policy: intermediate }")
        #expect(listener.policy == .modern && listener.groups == nil && listener.versions == nil)
        #expect(listener.signatureAlgorithms?.map(\.text) == ["ed25519"])
        #expect(site == TLSOffer())
    }

    @Test("An override that says nothing is empty, one that says auto is not")
    func empty() {
        #expect(TLSOverride().isEmpty)
        var override = TLSOverride()
        override.groups = .some(nil)
        #expect(!override.isEmpty)
    }
}
