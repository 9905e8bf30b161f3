import Bytes
import TestSupport
import Testing

@testable import TLS

struct TLSSessionTests {
    @Test("A handshake succeeds in each version", arguments: TLSVersion.allCases)
    func versions(_ version: TLSVersion) throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(version), serverName: "B.test")
        let before = pair.server.version
        #expect(before == nil)
        pair.run()
        let outcomes = [pair.serverOutcome, pair.clientOutcome]
        #expect(outcomes == [.done, .done])
        let facts = (pair.server.version, pair.server.site, pair.server.serverName)
        #expect(facts == (version, 1, "B.test"))
        let subject = pair.client.serverSubject
        #expect(subject == "CN=b.test")
        let suite = pair.server.cipherSuite
        #expect(
            suite
                == (version == .tls13
                    ? "TLS_AES_128_GCM_SHA256" : "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"))
        // What OpenSSL calls it is another name before TLS 1.3, which other proxies tell servers.
        let name = pair.server.cipherName
        #expect(
            name
                == (version == .tls13
                    ? "TLS_AES_128_GCM_SHA256" : "ECDHE-ECDSA-AES128-GCM-SHA256"))
        let isResumed = pair.server.isResumed
        #expect(!isResumed)
    }

    @Test(
        "The credential that was shown is known, and of a ticket that of a site with one",
        arguments: TLSVersion.allCases)
    func credential(_ version: TLSVersion) throws {
        let sites = try TestSites()
        for algorithms: [KeyAlgorithm] in [[.rsa, .ecdsa], [.ecdsa, .rsa], [.ecdsa]] {
            let server = try sites.context(sites.store(algorithms: algorithms))
            for (schemes, wanted) in [
                ("rsa_pss_rsae_sha256", "RSA2048"), ("ecdsa_secp256r1_sha256", "EC256"),
            ] where algorithms.count > 1 || wanted == "EC256" {
                let client = try sites.client(version, signatureAlgorithms: schemes)
                var first = try Handshake(server, client, serverName: "b.test")
                let before = first.server.credential == nil
                first.run()
                let shown = (before, first.server.credential?.keyAlgorithm)
                #expect(shown == (true, wanted))
                let ticket = first.client.ticket
                var again = try Handshake(server, client, serverName: "b.test", ticket: ticket)
                again.run()
                let resumed = (again.server.isResumed, again.server.credential?.keyAlgorithm)
                #expect(resumed == (true, algorithms.count == 1 ? "EC256" : nil))
            }
        }
    }

    @Test("Before the ClientHello nothing is known")
    func unknown() throws {
        let sites = try TestSites()
        let session = try TLSSession(context: sites.context())
        let facts = (session.site, session.serverName, session.clientAlert, session.version)
        #expect(facts == (nil, nil, nil, nil))
        let suite = session.cipherSuite
        let name = session.negotiatedProtocol
        #expect(suite == nil && name == nil)
        let flags = [
            session.isResumed, session.hasReceivedCloseNotify,
            session.serves(host: "a.test".utf8.span),
        ]
        #expect(flags == [false, false, false])
    }

    @Test("A client that names no host gets the default site")
    func nameless() throws {
        let sites = try TestSites()
        var pair = try Handshake(sites.context(), sites.client(), serverName: nil)
        pair.run()
        let facts = (pair.isEstablished, pair.server.site, pair.server.serverName)
        #expect(facts == (true, 0, nil))
    }

    @Test("A ticket resumes, and the host is still known", arguments: TLSVersion.allCases)
    func resumption(_ version: TLSVersion) throws {
        let sites = try TestSites()
        let (server, client) = (try sites.context(), try sites.client(version))
        for host in ["a.test", "b.test"] {
            var first = try Handshake(server, client, serverName: host)
            first.run()
            let kept = first.client.ticket
            let ticket = try #require(kept)
            // One ticket resumes twice: it is the client's to use it once (RFC 8446 §C.4).
            for _ in 0..<2 {
                var again = try Handshake(server, client, serverName: host, ticket: ticket)
                again.run()
                let facts = [again.isEstablished, again.server.isResumed, again.client.isResumed]
                #expect(facts == [true, true, true])
                let site = (again.server.site, again.server.serverName, again.server.version)
                #expect(site == (host == "a.test" ? 0 : 1, host, version))
                let echo = again.send([1, 2, 3])
                #expect(echo == [1, 2, 3])
            }
        }
    }

    @Test("A ticket of one site does not resume at another", arguments: TLSVersion.allCases)
    func foreignTicket(_ version: TLSVersion) throws {
        let sites = try TestSites()
        let (server, client) = (try sites.context(), try sites.client(version))
        for (from, to, site) in [("a.test", "b.test", 1), ("b.test", "a.test", 0)] {
            var first = try Handshake(server, client, serverName: from)
            first.run()
            let kept = first.client.ticket
            let ticket = try #require(kept)
            var again = try Handshake(server, client, serverName: to, ticket: ticket)
            again.run()
            let facts = [again.isEstablished, again.server.isResumed, again.client.isResumed]
            #expect(facts == [true, false, false])
            let shown = (again.server.site, again.client.serverSubject)
            #expect(shown == (site, "CN=\(to)"))
        }
    }

    @Test("A session serves the hosts of its site and those of its certificate")
    func serves() throws {
        let sites = try TestSites()
        let pair = try sites.authority.issue("a.test", "*.shared.test", "192.0.2.1", "::1")
        let both = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        let store = CredentialStore(
            sites: [
                .init(
                    hosts: ["a.test", "alias.test"], credentials: [both],
                    index: 0),
                .init(hosts: ["b.test"], credentials: [try sites.credential("b.test")], index: 1),
            ], defaultSite: nil, rejectsUnknownHosts: false)
        var session = try Handshake(sites.context(store), sites.client())
        session.run()
        let table: [(String, Bool)] = [
            ("a.test", true), ("A.TEST", true), ("a.test.", true), ("alias.test", true),
            ("b.test", false), ("x.shared.test", true), ("x.y.shared.test", false),
            ("shared.test", false), ("192.0.2.1", true), ("192.0.2.2", false), ("[::1]", true),
            ("[::2]", false), ("[", false), ("", false), (".", false), ("c.test", false),
            ("a\0b", false), ("[]", false), (String(repeating: "a.", count: 500), false),
        ]
        for (host, isServed) in table {
            let answer = session.server.serves(host: host.utf8.span)
            #expect(answer == isServed, "\(host)")
            // What is left in OpenSSL's queue would be taken for the next call's failure.
            let left = ErrorQueue.take() == nil
            #expect(left, "\(host)")
        }
    }

    /// A certificate that its client has never seen let a connection serve other hosts.
    @Test("Of several certificates of a site that one counts which was shown")
    func servesShown() throws {
        let sites = try TestSites()
        let both = try [
            sites.authority.issue("a.test", "*.one.test"),
            sites.authority.issue("b.test", "*.two.test"),
        ].map { try Credential(chainPEM: $0.certificate, keyPEM: $0.key) }
        let store = CredentialStore(
            sites: [.init(hosts: ["a.test", "b.test"], credentials: both, index: 0)],
            defaultSite: nil, rejectsUnknownHosts: false)
        let (server, client) = (try sites.context(store), try sites.client())
        for (name, served) in [("a.test", "x.one.test"), ("b.test", "x.two.test")] {
            var pair = try Handshake(server, client, serverName: name)
            pair.run()
            for host in ["x.one.test", "x.two.test"] {
                let isServed = pair.server.serves(host: Array(host.utf8).span)
                #expect(isServed == (host == served), "\(name) \(host)")
            }
            let servesSite = pair.server.serves(host: "a.test".utf8.span)
            #expect(servesSite)
        }
    }

    @Test("Plain HTTP is told from TLS however it is cut", arguments: 1...18)
    func plainHTTP(_ step: Int) throws {
        let sites = try TestSites()
        var session = try TLSSession(context: sites.context())
        var output = ByteQueue()
        var outcomes: [HandshakeOutcome] = []
        let request = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        for start in stride(from: 0, to: request.count, by: step) {
            let part = Array(request[start..<min(start + step, request.count)])
            outcomes.append(session.handshake(part.span, output: &output))
        }
        #expect(outcomes.last == .failed(.plainHTTP))
        let sent = output.count
        #expect(sent == 0)
        let isQuiet = outcomes.drop { $0 == .needsInput }.allSatisfy { $0 == .failed(.plainHTTP) }
        #expect(isQuiet)
    }

    @Test("A second ClientHello for another site is refused")
    func changedSite() throws {
        // P-521 is not served, so each client is asked for another key share and says hello again.
        let sites = try TestSites()
        let server = try sites.context()
        let client = try sites.client(.tls13, groups: "P-521:P-384")
        for (first, second) in [("a.test", "b.test"), ("b.test", "a.test")] {
            var one = try Handshake(server, client, serverName: first)
            one.begin()
            one.deliverToServer(Handshake.take(.max, from: &one.toServer))
            var other = try Handshake(server, client, serverName: second)
            other.begin()
            other.deliverToServer(Handshake.take(.max, from: &other.toServer))
            other.deliverToClient(Handshake.take(.max, from: &other.toClient))
            one.deliverToServer(Handshake.take(.max, from: &other.toServer))
            let outcome = one.serverOutcome
            #expect(outcome == .failed(.malformedMessage))
            var whole = try Handshake(server, client, serverName: second)
            whole.run()
            let isEstablished = whole.isEstablished
            #expect(isEstablished)
        }
    }
}
