import Bytes
import TestSupport
import Testing

@testable import TLS

struct TLSContextPolicyTests {
    private let sites: TestSites

    init() throws { sites = try TestSites() }

    private func context(_ policies: [Int: TLSPolicy], _ base: TLSPolicy = .intermediate) throws
        -> TLSContext
    {
        try TLSContext(
            store: sites.store([["a.test"], ["b.test"], ["c.test"]]), policy: base,
            sitePolicies: policies, alpn: [], ticketKeys: TicketKeys())
    }

    @Test("A site is strict or lax by itself, whatever the others are", arguments: [0, 1])
    func versions(_ site: Int) throws {
        let name = site == 0 ? "a.test" : "b.test"
        let other = site == 0 ? "b.test" : "a.test"
        for (base, own) in [
            (TLSPolicy.intermediate, TLSPolicy.modern), (.modern, .intermediate),
        ] {
            let context = try context([site: own], base)
            for (host, policy) in [(name, own), (other, base)] {
                var pair = try Handshake(context, sites.client(.tls12), serverName: host)
                pair.run()
                let isDone = pair.serverOutcome == .done
                #expect(isDone == (policy.minimumVersion == .tls12))
                var modern = try Handshake(context, sites.client(.tls13), serverName: host)
                modern.run()
                let isEstablished = modern.isEstablished
                #expect(isEstablished)
            }
        }
    }

    @Test("A site has suites, groups and signature algorithms of its own")
    func lists() throws {
        var policy = TLSPolicy.intermediate
        policy.cipherSuites = ["TLS_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"]
        policy.groups = ["P-256"]
        policy.signatureAlgorithms = ["ecdsa_secp256r1_sha256"]
        let context = try context([1: policy])
        for version in TLSVersion.allCases {
            for (host, size) in [("a.test", "AES_128"), ("b.test", "AES_256")] {
                var pair = try Handshake(context, sites.client(version), serverName: host)
                pair.run()
                let suite = pair.server.cipherSuite
                #expect(suite?.contains(size) == true, "\(host) \(version)")
            }
        }
        var pair = try Handshake(
            context, sites.client(.tls13, groups: "X25519"), serverName: "b.test")
        pair.run()
        #expect(pair.serverOutcome == .failed(.noSharedGroup))
        var signed = try Handshake(
            context, sites.client(.tls13, signatureAlgorithms: "ECDSA+SHA384"),
            serverName: "b.test")
        signed.run()
        #expect(signed.serverOutcome == .failed(.noSharedSignatureAlgorithm))
    }

    @Test("A client that first guesses a wrong group is asked again by the site's policy")
    func retry() throws {
        var policy = TLSPolicy.modern
        policy.groups = ["P-384"]
        let context = try context([1: policy])
        var pair = try Handshake(
            context, sites.client(.tls13, groups: "X25519:P-384"), serverName: "b.test")
        pair.run()
        let isEstablished = pair.isEstablished
        #expect(isEstablished)
    }

    @Test("A strict site is not reached through the connection of a lax one, nor the reverse")
    func requests() throws {
        let authority = sites.authority
        let shared = try authority.issue("a.test", "b.test", "c.test")
        let credential = try Credential(chainPEM: shared.certificate, keyPEM: shared.key)
        let store = CredentialStore(
            sites: ["a.test", "b.test", "c.test"].enumerated().map {
                .init(hosts: [$1], credentials: [credential], index: $0)
            }, defaultSite: 0, rejectsUnknownHosts: false)
        let context = try TLSContext(
            store: store, policy: .intermediate, sitePolicies: [1: .modern], alpn: [],
            ticketKeys: TicketKeys())
        let table = [
            ("a.test", "a.test", true), ("a.test", "c.test", true), ("a.test", "b.test", false),
            ("b.test", "b.test", true), ("b.test", "a.test", false),
        ]
        for (name, host, isServed) in table {
            var pair = try Handshake(context, sites.client(), serverName: name)
            pair.run()
            let serves = pair.server.serves(host: host.utf8.span)
            #expect(serves == isServed, "\(name) \(host)")
        }
    }

    @Test(
        "A ticket is good for the policy that it was made under, and for no other",
        arguments: TLSVersion.allCases)
    func tickets(_ version: TLSVersion) throws {
        let store = try sites.store()
        let keys = try TicketKeys()
        var strict = TLSPolicy.intermediate
        strict.cipherSuites = ["TLS_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"]
        func context(_ policy: TLSPolicy) throws -> TLSContext {
            try TLSContext(store: store, policy: policy, alpn: [], ticketKeys: keys)
        }
        let client = try sites.client(version)
        var first = try Handshake(context(.intermediate), client)
        first.run()
        for (policy, isResumed) in [(TLSPolicy.intermediate, true), (strict, false)] {
            var pair = try Handshake(context(policy), client, ticket: first.client.ticket)
            pair.run()
            let resumed = pair.client.isResumed
            let isEstablished = pair.isEstablished
            #expect(isEstablished && resumed == isResumed)
        }
    }

    @Test("DHE is served with RSA, at 2048 bits whatever the certificate's")
    func finiteField() throws {
        let context = try sites.context(sites.store(algorithms: [.rsa]))
        var pair = try Handshake(
            context, sites.client(.tls12, suites: "DHE-RSA-AES256-GCM-SHA384"))
        pair.run()
        let suite = pair.server.cipherSuite
        #expect(suite == "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384")
        #expect(ErrorQueue.take() == nil)
    }
}
