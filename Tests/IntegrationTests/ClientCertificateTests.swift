import Foundation
import TLS
import TestSupport
import Testing

/// Certificates of clients, with curl, `openssl s_client` and Python.
@Suite struct ClientCertificateTests {
    private let authority: ClientAuthority
    private let origin: Origin

    init() throws {
        authority = try ClientAuthority()
        origin = try Origin { $0.echo() }
    }

    /// An instance with `localhost`, and sites under other names.
    private func start(
        _ policy: String, others: [(host: String, policy: String)] = [], more: String = "",
        listeners: String = MartletInstance.tlsListener,
        prepare: (TemporaryFolder) throws -> Void = { _ in }
    ) throws -> MartletInstance {
        let sites = [("localhost", policy)] + others.map { ($0.host, $0.policy) }
        let text = sites.map { host, policy in
            """
              - hosts: ["\(host)"]
                certificates: [{ chain: "all.pem", key: "all.key" }]
                backend: "http://\(origin.address)"
                tls: { client_certificates: \(policy) }
            """
        }
        return try MartletInstance(
            sites: text.joined(separator: "\n"), listeners: listeners, more: more
        ) { folder, own in
            try TestAuthority.write(
                try own.issue("localhost", "a.test", "b.test", "c.test"), as: "all", in: folder)
            try folder.write(String(decoding: authority.certificate, as: UTF8.self), to: "cl.pem")
            try prepare(folder)
        }
    }

    /// Puts a client's certificate into an instance's folder.
    private func enroll(
        _ martlet: MartletInstance, _ name: String, by authority: ClientAuthority? = nil,
        names: String? = nil, end: String? = nil
    ) throws -> PEMPair {
        let pair = try (authority ?? self.authority).issue("/CN=\(name)", names: names, end: end)
        try TestAuthority.write(pair, as: name, in: martlet.folder)
        return pair
    }

    private func client(_ martlet: MartletInstance, _ pair: PEMPair?) throws -> TLSClientContext {
        let credential = try pair.map { try Credential(chainPEM: $0.certificate, keyPEM: $0.key) }
        return try TLSClientContext(
            trusted: martlet.authority.pair.certificate, credential: credential)
    }

    /// One request on a connection; its status.
    private func status(_ peer: Peer, host: String = "localhost") throws -> Int {
        try peer.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
        return try peer.reply().status
    }

    private func failures(_ martlet: MartletInstance, _ reason: String) throws -> Double {
        let text = try martlet.ask("/metrics").body
        let line = text.split(separator: "\n").first {
            $0.hasPrefix("martlet_tls_handshake_failures_total{")
                && $0.contains("reason=\"\(reason)\"")
        }
        return line?.split(separator: " ").last.flatMap { Double($0) } ?? 0
    }

    @Test("curl with a certificate is served, without one it is refused")
    func required() throws {
        let martlet = try start("{ mode: required, ca: cl.pem }")
        _ = try enroll(martlet, "alice")
        let good = try martlet.curl("--cert", "alice.pem", "--key", "alice.key", "%/")
        #expect(good.code == 0, "\(good)")
        let bare = try martlet.curl("%/")
        #expect(bare.code != 0)
        #expect(try failures(martlet, "client_certificate_missing") == 1)
        let head = try #require(origin.heads.first)
        let text = head.lowercased()
        #expect(text.contains("\r\nclient-cert: :mii"), "\(head)")
        #expect(text.contains("\r\nx-forwarded-client-cert: hash="), "\(head)")
        #expect(head.contains(";Subject=\"CN=alice\"\r\n"), "\(head)")
        #expect(!text.contains("client-cert-chain"))
    }

    @Test("Where it is optional both are served, and only one has an identity")
    func optional() throws {
        let martlet = try start("{ mode: optional, ca: cl.pem }")
        let alice = try enroll(
            martlet, "alice", names: "DNS:a.clients.test,URI:spiffe://clients.test/a")
        let shown = try Peer(
            martlet.address, tls: client(martlet, alice), serverName: "localhost")
        #expect(try status(shown) == 200)
        #expect(try status(try martlet.connect()) == 200)
        #expect(origin.heads[0].contains(";URI=spiffe://clients.test/a;DNS=a.clients.test\r\n"))
        #expect(!origin.heads[1].lowercased().contains("client-cert"))
    }

    @Test("A client cannot say who it is by fields", arguments: ["off", "optional", "required"])
    func forgery(_ mode: String) throws {
        let policy = mode == "off" ? "off" : "{ mode: \(mode), ca: cl.pem }"
        let martlet = try start(
            policy, more: "forwarding: { trusted: [\"127.0.0.0/8\"] }")
        let alice = try enroll(martlet, "alice")
        let names = [
            "Client-Cert", "CLIENT-CERT-CHAIN", "X-Forwarded-Client-Cert", "Client_Cert",
            "x_forwarded_client_cert",
        ]
        let fields = names.map { "\($0): forged\r\n" }.joined()
        let peer = try Peer(
            martlet.address, tls: client(martlet, mode == "required" ? alice : nil),
            serverName: "localhost")
        try peer.send(
            "GET / HTTP/1.1\r\nHost: localhost\r\n\(fields)Connection: Client-Cert\r\n\r\n")
        #expect(try peer.reply().status == 200)
        #expect(!origin.heads[0].contains("forged"), "\(origin.heads[0])")
        #expect(origin.heads[0].contains("Client-Cert: :") == (mode == "required"))
        try peer.send(
            "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "0\r\nClient-Cert: forged\r\n\r\n")
        #expect(try peer.reply().status == 400)
    }

    @Test("Bad certificates end the handshake with their reason")
    func refusals() throws {
        let martlet = try start("{ mode: optional, ca: cl.pem, crl: list.pem }") { folder in
            let list = try authority.revocationList()
            try folder.write(String(decoding: list, as: UTF8.self), to: "list.pem")
        }
        let stranger = try ClientAuthority("Strangers")
        _ = try enroll(martlet, "stranger", by: stranger)
        _ = try enroll(martlet, "old", end: "20210101000000Z")
        let mallory = try enroll(martlet, "mallory")
        try authority.revoke(mallory)
        let list = try authority.revocationList()
        try martlet.folder.write(String(decoding: list, as: UTF8.self), to: "list.pem")
        try martlet.process.errors.wait(for: "config.reloaded")
        for (name, alert, reason) in [
            ("stranger", "unknown ca", "client_certificate_untrusted"),
            ("old", "certificate expired", "client_certificate_expired"),
            ("mallory", "certificate revoked", "client_certificate_revoked"),
        ] {
            let run = try sClient(martlet, name)
            #expect(run.contains("alert \(alert)"), "\(run)")
            #expect(try failures(martlet, reason) == 1, "\(reason)")
        }
        // The list has run out: fails closed, and says so.
        let old = try authority.revocationList(end: "20210101000000Z")
        try martlet.folder.write(String(decoding: old, as: UTF8.self), to: "list.pem")
        try martlet.process.errors.wait(for: "config.reloaded", count: 2)
        #expect(martlet.process.errors.text.contains("has expired"))
        _ = try enroll(martlet, "alice")
        let run = try sClient(martlet, "alice")
        #expect(run.contains("alert certificate unknown"), "\(run)")
        #expect(try failures(martlet, "client_certificate_crl_unusable") == 1)
    }

    private func sClient(_ martlet: MartletInstance, _ name: String) throws -> String {
        let result = try RunningProcess.run(
            "openssl",
            [
                "s_client", "-connect", "127.0.0.1:\(martlet.port)", "-servername", "localhost",
                "-CAfile", martlet.folder.path("ca.pem"), "-cert",
                martlet.folder.path("\(name).pem"), "-key", martlet.folder.path("\(name).key"),
                "-ign_eof",
            ], input: "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return result.output + result.errors
    }

    @Test("s_client is told whose certificates are wanted")
    func names() throws {
        let martlet = try start("{ mode: optional, ca: cl.pem }")
        _ = try enroll(martlet, "alice")
        let run = try sClient(martlet, "alice")
        #expect(run.contains("Acceptable client certificate CA names\nCN = Clients"), "\(run)")
        #expect(run.contains("HTTP/1.1 200"), "\(run)")
    }

    @Test("A chain is forwarded without its root, and is no longer than it may be")
    func depth() throws {
        let martlet = try start(
            "{ mode: required, ca: cl.pem, depth: 1 }",
            others: [("a.test", "{ mode: required, ca: cl.pem, depth: 0 }")])
        let middle = try ClientAuthority("Middle", below: authority)
        let leaf = try middle.issue("/CN=alice")
        let alice = PEMPair(certificate: leaf.certificate + middle.certificate, key: leaf.key)
        let context = try client(martlet, alice)
        #expect(try status(Peer(martlet.address, tls: context, serverName: "localhost")) == 200)
        let line = origin.heads[0].split(separator: "\r\n").first {
            $0.hasPrefix("Client-Cert-Chain: ")
        }
        let text = String(decoding: middle.certificate, as: UTF8.self)
        let encoded = text.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
        #expect(line.map { "\($0)" } == "Client-Cert-Chain: :\(encoded):")
        let strict = try? Peer(martlet.address, tls: context, serverName: "a.test")
        let refused = try strict.map { try !$0.receive() } ?? true
        #expect(refused)
        #expect(try failures(martlet, "client_certificate_untrusted") == 1)
    }

    @Test("Who is not among those allowed gets 403, with the reason in the access log")
    func rules() throws {
        let martlet = try start(
            "{ mode: optional, ca: cl.pem, allow: [\"CN=alice\", \"*.clients.test\"] }",
            more: "access_log: { path: stdout }")
        let pairs = [
            try enroll(martlet, "alice"), try enroll(martlet, "bob", names: "DNS:b.clients.test"),
            try enroll(martlet, "carol", names: "DNS:c.b.clients.test"), nil,
        ]
        let found = try pairs.map { pair in
            try status(
                Peer(martlet.address, tls: client(martlet, pair), serverName: "localhost"))
        }
        #expect(found == [200, 200, 403, 403])
        let line = try martlet.process.output.wait(for: "client_certificate_not_allowed", count: 2)
        #expect(line.contains("403"), "\(line)")
        #expect(origin.heads.count == 2)
    }

    @Test("A host with other rules is for another connection, and never reached without TLS")
    func misdirected() throws {
        let policy = "{ mode: required, ca: cl.pem }"
        let martlet = try start(
            "off", others: [("a.test", policy), ("b.test", policy), ("c.test", "off")],
            listeners: MartletInstance.tlsListener
                + "  - { address: \"127.0.0.1:0\", tls: false }\n")
        let alice = try enroll(martlet, "alice")
        let context = try client(martlet, alice)
        for (name, expected) in [
            ("localhost", [200, 421, 421, 200]), ("a.test", [421, 200, 200, 421]),
        ] {
            let peer = try Peer(martlet.address, tls: context, serverName: name)
            let found = try ["localhost", "a.test", "b.test", "c.test"].map {
                try status(peer, host: $0)
            }
            #expect(found == expected, "\(name)")
        }
        let plain = try Peer(martlet.listeners[1])
        #expect(try status(plain, host: "a.test") == 403)
        #expect(try status(plain, host: "c.test") == 200)
    }

    @Test("A session is resumed at its own site only, with its identity")
    func resumption() throws {
        let martlet = try start(
            "{ mode: optional, ca: cl.pem }",
            others: [("a.test", "{ mode: required, ca: cl.pem }"), ("b.test", "off")])
        let alice = try enroll(martlet, "alice")
        let (shown, silent) = (try client(martlet, alice), try client(martlet, nil))
        for (context, name, isMine) in [
            (shown, "localhost", true), (shown, "a.test", true), (silent, "localhost", false),
            (silent, "b.test", false),
        ] {
            let first = try Peer(martlet.address, tls: context, serverName: name)
            #expect(try status(first, host: name) == 200)
            let ticket = try #require(first.ticket)
            let again = try Peer(martlet.address, tls: context, serverName: name, ticket: ticket)
            #expect(again.isResumed)
            #expect(try status(again, host: name) == 200)
            #expect(origin.heads.last?.contains("Subject=\"CN=alice\"") == isMine)
            for other in ["localhost", "a.test", "b.test"] where other != name {
                let peer = try? Peer(
                    martlet.address, tls: context, serverName: other, ticket: ticket)
                #expect(peer?.isResumed != true)
                if context === silent, other == "a.test" {
                    let isServed = (try? peer.map { try status($0, host: other) }) == 200
                    #expect(!isServed)
                }
            }
        }
    }

    @Test("After a reload those whom the list names are out, and nobody else notices")
    func reload() throws {
        let martlet = try start("{ mode: required, ca: cl.pem, crl: [list.pem] }") { folder in
            let list = try authority.revocationList()
            try folder.write(String(decoding: list, as: UTF8.self), to: "list.pem")
        }
        let pairs = [try enroll(martlet, "alice"), try enroll(martlet, "bob")]
        let contexts = try pairs.map { try client(martlet, $0) }
        let peers = try contexts.map {
            try Peer(martlet.address, tls: $0, serverName: "localhost")
        }
        for peer in peers { #expect(try status(peer) == 200) }
        let tickets = peers.map(\.ticket)
        try authority.revoke(pairs[1])
        let list = try authority.revocationList()
        try martlet.folder.write(String(decoding: list, as: UTF8.self), to: "list.pem")
        try martlet.process.errors.wait(for: "config.reloaded")
        #expect(try peers.map { try status($0) } == [200, 421])
        let again = try Peer(
            martlet.address, tls: contexts[0], serverName: "localhost", ticket: tickets[0])
        #expect(!again.isResumed)
        #expect(try status(again) == 200)
        let revoked = try? Peer(
            martlet.address, tls: contexts[1], serverName: "localhost", ticket: tickets[1])
        let isServed = (try? revoked.map { try status($0) }) == 200
        #expect(!isServed)
        #expect(try failures(martlet, "client_certificate_revoked") == 1)
        // A file that is none changes nothing.
        try martlet.folder.write("nothing", to: "list.pem")
        try martlet.process.errors.wait(for: "cannot read the revocation lists: there is none")
        #expect(try status(again) == 200)
    }

    /// Lets a site that asked nobody require certificates; returns its configuration before that.
    private func requireCertificates(_ martlet: MartletInstance) throws -> String {
        let text = try martlet.folder.read("martlet.yaml")
        let strict = text.replacingOccurrences(
            of: "client_certificates: off",
            with: "client_certificates: { mode: required, ca: cl.pem }")
        try martlet.folder.write(strict, to: "martlet.yaml")
        try martlet.reload()
        return text
    }

    @Test("A site that begins to ask is not reached by connections that were not asked")
    func stricter() throws {
        let martlet = try start("off")
        let alice = try enroll(martlet, "alice")
        let before = try Peer(martlet.address, tls: client(martlet, nil), serverName: "localhost")
        #expect(try status(before) == 200)
        let text = try requireCertificates(martlet)
        #expect(try status(before) == 421)
        #expect(try !before.receive() && before.isCleanlyClosed)
        let after = try Peer(martlet.address, tls: client(martlet, alice), serverName: "localhost")
        #expect(try status(after) == 200)
        try martlet.folder.write(text, to: "martlet.yaml")
        try martlet.reload()
        #expect(try status(after) == 200)
        #expect(origin.heads.last?.contains("Client-Cert") == false)
    }

    /// RFC 9113 §6.8: its connection went on, and every request of it was refused.
    @Test("A client of HTTP/2 that is not served any more is told to make another connection")
    func goodbye() throws {
        let martlet = try start("off")
        let before = try StreamPeer(martlet)
        #expect(try before.get("/", on: 1).status == 200)
        _ = try requireCertificates(martlet)
        #expect(try before.get("/", on: 3).status == 421)
        try before.drain()
        #expect(before.goAway == 0 && before.peer.isCleanlyClosed)
    }

    @Test("Python shows its certificate in both versions", arguments: ["TLSv1_2", "TLSv1_3"])
    func python(_ version: String) throws {
        let martlet = try start("{ mode: required, ca: cl.pem }")
        _ = try enroll(martlet, "alice")
        let script = """
            import http.client, ssl, sys
            port, folder, version = sys.argv[1:]
            def ask(shows):
                context = ssl.create_default_context(cafile=folder + "/ca.pem")
                context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
                if shows: context.load_cert_chain(folder + "/alice.pem", folder + "/alice.key")
                peer = http.client.HTTPSConnection("localhost", int(port), context=context)
                peer.request("GET", "/")
                return peer.getresponse().status
            print(ask(True))
            try:
                print(ask(False))
            except (ssl.SSLError, ConnectionError) as error:
                print("refused")
            """
        let run = try RunningProcess.run(
            "python3", ["-c", script, "\(martlet.port)", martlet.folder.path, version])
        #expect(run.output == "200\nrefused", "\(run)")
    }
}
