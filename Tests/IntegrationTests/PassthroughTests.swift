import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// Sites whose TLS passes untouched, beside sites of other kinds on one listener.
@Suite struct PassthroughTests {
    private let folder: TemporaryFolder
    private let nginx: Nginx
    private let clients: ClientAuthority

    /// nginx with a certificate of its own for `passed.test`, which takes clients' certificates.
    init() throws {
        folder = try TemporaryFolder()
        clients = try ClientAuthority()
        let authority = try TestAuthority()
        try folder.write(String(decoding: authority.pair.certificate, as: UTF8.self), to: "ca.pem")
        try TestAuthority.write(try authority.issue("passed.test"), as: "nginx", in: folder)
        try TestAuthority.write(try clients.issue("/CN=alice"), as: "alice", in: folder)
        try folder.write(String(decoding: clients.certificate, as: UTF8.self), to: "clients.pem")
        nginx = try Nginx(
            in: folder, listen: " ssl http2", tls: "nginx",
            more: """
                ssl_client_certificate \(folder.path)/clients.pem; ssl_verify_client optional;
                location / { return 200 "$ssl_client_s_dn $ssl_session_reused $http2"; }
                """)
    }

    /// An HTTP site and a TCP site for `localhost`, and nginx for `passed.test`.
    private func start(more: String = "", first: String = "") throws -> MartletInstance {
        let origin = try Origin { connection in
            let head = connection.read(until: "\n")
            if head.hasPrefix("GET") {
                _ = connection.read(until: "\r\n\r\n")
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nhttp")
            } else {
                connection.send("tcp " + head)
            }
        }
        return try MartletInstance(
            sites: first + MartletInstance.site(origin.address) + "\n"
                + TCPFixture.site(origin.address, more: "    alpn: [mqtt, imap]\n")
                    + """
                      - hosts: ["passed.test", "*.passed.test"]
                        protocol: passthrough
                        backend: "tcp://\(nginx.address)"
                    """, more: more, keeping: origin)
    }

    private func curl(_ martlet: MartletInstance, _ arguments: String...) throws -> (
        code: Int32, output: String, errors: String
    ) {
        try RunningProcess.run(
            "curl",
            [
                "-sS", "--noproxy", "*", "--max-time", "60", "--cacert", folder.path("ca.pem"),
                "--resolve", "passed.test:\(martlet.port):127.0.0.1",
                "https://passed.test:\(martlet.port)/",
            ] + arguments, folder: folder.path, atMost: 90)
    }

    @Test("One listener has HTTP, TCP and passed sites, told apart by name and protocol")
    func together() throws {
        let martlet = try start(more: "access_log: { path: \"access.log\" }")
        let passed = try curl(martlet)
        #expect(passed.code == 0 && passed.output == " . h2", "\(passed)")
        let line = try TCPFixture.line(martlet)
        #expect(line.contains("\"host\":\"passed.test\",\"protocol\":\"TCP\""))
        #expect(!line.contains("tls_version"))
        #expect(try martlet.curl("%/").output == "http")
        #expect(try martlet.curl("%/", "--http2").output == "http")
        for (alpn, answer) in [(["imap"], "tcp hi\n"), (["zzz", "mqtt", "h2"], "tcp hi\n")] {
            let peer = try martlet.connect(alpn: alpn)
            try peer.send("hi\n")
            #expect(try peer.receiveAll() == answer)
        }
        let peer = try martlet.connect(alpn: ["http/1.1", "mqtt"])
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try peer.reply().body == "http")
        #expect(throws: (any Error).self) { try martlet.connect(alpn: ["zzz"]) }
        #expect(
            try martlet.metric(
                "martlet_tcp_connections_total{site=\"passed.test\",result=\"completed\"}") == 1)
    }

    @Test("A request for the host of a TCP site alone is misdirected")
    func misdirected() throws {
        let martlet = try start()
        #expect(try martlet.request("/", host: "passed.test").status == 421)
    }

    @Test("Certificates of clients, and resumption, are between the client and the server")
    func endToEnd() throws {
        let martlet = try start()
        let alice = try curl(
            martlet, "--cert", folder.path("alice.pem"), "--key", folder.path("alice.key"))
        #expect(alice.output == "CN=alice . h2", "\(alice)")
        for round in 0..<2 {
            let client = try RunningProcess.run(
                "openssl",
                [
                    "s_client", "-connect", "127.0.0.1:\(martlet.port)", "-servername",
                    "a.passed.test",
                    "-CAfile", folder.path("ca.pem"), round == 0 ? "-sess_out" : "-sess_in",
                    folder.path("session.pem"), "-tls1_2",
                ], folder: folder.path, atMost: 60)
            #expect(client.output.contains(round == 0 ? "New, TLSv1.2" : "Reused, TLSv1.2"))
        }
    }

    @Test("A ClientHello may come in any pieces")
    func fragmented() throws {
        let martlet = try start()
        let authority = Array(try folder.read("ca.pem").utf8)
        for (name, port) in [("passed.test", true), ("localhost", false)] {
            let context = try TLSClientContext(
                trusted: port ? authority : martlet.authority.pair.certificate, alpn: ["http/1.1"])
            let peer = try Peer(
                martlet.address, tls: context, serverName: name, piecesOf: 1)
            try peer.send("GET / HTTP/1.1\r\nHost: \(name)\r\nConnection: close\r\n\r\n")
            #expect(try peer.reply().status == 200)
        }
    }

    @Test("What is no ClientHello gets what it gets from TLS")
    func garbage() throws {
        let martlet = try start()
        let plain = try Peer(martlet.address)
        try plain.send("GET / HTTP/1.1\r\nHost: passed.test\r\n\r\n")
        #expect(try plain.receiveAll().hasPrefix("HTTP/1.1 400"))
        let garbage = try Peer(martlet.address)
        try garbage.send([22, 3, 1, 0, 5, 2, 0, 0, 1, 0])
        // A fatal alert: unexpected_message.
        #expect(Array(try garbage.receiveAll().utf8).prefix(3) == [21, 3, 3])
        let cut = try Peer(martlet.address)
        try cut.send([22, 3, 1])
        try cut.finish()
        _ = try cut.receiveAll()
        try martlet.wait(
            metric: "martlet_tls_handshake_failures_total{listener=\"127.0.0.1:0\","
                + "reason=\"client_closed\"}"
        ) { $0 == 1 }
    }

    @Test("A ClientHello has the time of a handshake, however it drips")
    func drips() throws {
        let martlet = try start(more: "timeouts: { handshake: 500ms }")
        let peer = try Peer(martlet.address)
        try peer.send([22, 3, 1, 2, 0, 1, 0])
        for _ in 0..<100 where (try? peer.send([1])) != nil {
            _ = Poll.wait([], timeout: .milliseconds(20))
            if peer.hasInput(within: .milliseconds(1)) { break }
        }
        _ = try? peer.receiveAll()
        try martlet.wait(
            metric: "martlet_tls_handshake_failures_total{listener=\"127.0.0.1:0\","
                + "reason=\"timeout\"}"
        ) { $0 == 1 }
    }

    @Test("Unknown names are passed where the first site is, and rejected where that is said")
    func unknownNames() throws {
        let first = """
              - hosts: ["first.test"]
                protocol: passthrough
                backend: "tcp://\(nginx.address)"

            """
        let context = try TLSClientContext(trusted: Array(try folder.read("ca.pem").utf8))
        let passing = try start(first: first)
        for name in ["passed.test"] {
            let peer = try Peer(passing.address, tls: context, serverName: name)
            #expect(peer.serverSubject?.contains("passed.test") == true)
        }
        #expect(try passing.request("/").body == "http")
        let client = try RunningProcess.run(
            "openssl",
            ["s_client", "-connect", "127.0.0.1:\(passing.port)", "-noservername", "-showcerts"],
            folder: folder.path, atMost: 60)
        #expect(client.output.contains("CN = passed.test"), "\(client)")
        let strict = try start(more: "tls: { unknown_host: reject }", first: first)
        do {
            _ = try Peer(strict.address, tls: context, serverName: "other.test")
            Issue.record("an unknown name was served")
        } catch {
            #expect("\(error)".contains("alert 112"), "\(error)")
        }
    }
}
