import Foundation
import TLS
import TestSupport
import Testing

/// Handshakes with `openssl s_client`, and why they fail.
@Suite struct HandshakeTests {
    private func start(reject: Bool = false) throws -> MartletInstance {
        let origin = try Origin { $0.echo() }
        let sites =
            MartletInstance.site(origin.address) + "\n" + """
                  - hosts: ["shop.test", "*.shop.test"]
                    certificates:
                      - { chain: "shop.pem", key: "shop.key" }
                      - { chain: "rsa.pem", key: "rsa.key" }
                    backend: "http://\(origin.address)"
                """
        let martlet = try MartletInstance(
            sites: sites, more: reject ? "tls: { unknown_host: reject }" : "", keeping: origin
        ) { folder, authority in
            try TestAuthority.write(
                try authority.issue("shop.test", "*.shop.test"), as: "shop", in: folder)
            let made = try RunningProcess.run(
                "openssl",
                [
                    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                    folder.path("rsa.key"), "-out",
                    folder.path("rsa.pem"), "-subj", "/CN=rsa.shop.test", "-addext",
                    "subjectAltName=DNS:shop.test,DNS:*.shop.test", "-days", "2",
                ])
            #expect(made.code == 0, "\(made.errors)")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600], ofItemAtPath: folder.path("rsa.key"))
        }
        return martlet
    }

    private func sClient(_ martlet: MartletInstance, _ arguments: [String], input: String = "")
        throws
        -> (code: Int32, text: String)
    {
        let result = try RunningProcess.run(
            "openssl",
            [
                "s_client", "-connect", "127.0.0.1:\(martlet.port)", "-CAfile",
                martlet.folder.path("ca.pem"),
            ]
                + arguments, input: input)
        return (result.code, result.output + "\n" + result.errors)
    }

    @Test("The server name chooses the certificate, exactly, by wildcard, or the first site's")
    func serverName() throws {
        let martlet = try start()
        for (name, subject) in [
            ("localhost", "CN = localhost"), ("shop.test", "CN = shop.test"),
            ("a.shop.test", "CN = shop.test"),
            ("A.SHOP.Test", "CN = shop.test"), ("a.b.shop.test", "CN = localhost"),
            ("unknown.test", "CN = localhost"),
        ] {
            let (_, text) = try sClient(martlet, ["-servername", name])
            #expect(text.contains("subject=\(subject)\n"), "\(name): \(text)")
        }
        let (_, text) = try sClient(martlet, ["-noservername"])
        #expect(text.contains("subject=CN = localhost\n"))
    }

    @Test("The kind of key is chosen by what the client can verify")
    func keyKinds() throws {
        let martlet = try start()
        let (_, ecdsa) = try sClient(martlet, ["-servername", "shop.test"])
        #expect(ecdsa.contains("subject=CN = shop.test\n"))
        let (_, rsa) = try sClient(
            martlet, ["-servername", "shop.test", "-sigalgs", "RSA-PSS+SHA256"])
        #expect(rsa.contains("subject=CN = rsa.shop.test\n"))
        let (_, old) = try sClient(
            martlet,
            ["-servername", "shop.test", "-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"])
        #expect(old.contains("subject=CN = rsa.shop.test\n"))
    }

    @Test("Only strong suites of TLS 1.2 and 1.3 are spoken, and ALPN takes what both speak")
    func negotiation() throws {
        let martlet = try start()
        let (_, new) = try sClient(martlet, ["-servername", "localhost", "-alpn", "h2,http/1.1"])
        #expect(new.contains("New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256"))
        #expect(new.contains("ALPN protocol: h2"))
        let (_, former) = try sClient(martlet, ["-servername", "localhost", "-alpn", "http/1.1"])
        #expect(former.contains("ALPN protocol: http/1.1"))
        #expect(new.contains("Verify return code: 0 (ok)"))
        #expect(new.contains("X25519"))
        let (_, old) = try sClient(martlet, ["-servername", "localhost", "-tls1_2"])
        #expect(old.contains("New, TLSv1.2, Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"))
        #expect(old.contains("Secure Renegotiation IS supported"))
        let (_, chacha) = try sClient(
            martlet,
            [
                "-servername", "localhost", "-ciphersuites",
                "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
            ])
        #expect(chacha.contains("Cipher is TLS_CHACHA20_POLY1305_SHA256"))
    }

    @Test("A session is resumed by its ticket, also after a reload, but never at another site")
    func resumption() throws {
        let martlet = try start()
        let peer = try martlet.connect()
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try peer.reply().status == 200)
        let ticket = try #require(peer.ticket)
        #expect(try martlet.connect(ticket: ticket).isResumed)
        try martlet.reload()
        #expect(try martlet.connect(ticket: ticket).isResumed)
        let context = try TLSClientContext(trusted: nil)
        let other = try Peer(martlet.address, tls: context, serverName: "shop.test", ticket: ticket)
        #expect(!other.isResumed)
        #expect(other.serverSubject == "CN=shop.test")
    }

    /// A handshake that must fail, and the reason that metrics give.
    struct Failure: Sendable, CustomTestStringConvertible {
        let reason: String
        let arguments: [String]
        var testDescription: String { reason }
    }

    static let failures = [
        Failure(
            reason: "no_shared_cipher",
            arguments: ["-servername", "localhost", "-tls1_2", "-cipher", "AES128-SHA256"]),
        Failure(
            reason: "unsupported_version",
            arguments: ["-servername", "localhost", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]),
        Failure(
            reason: "no_shared_group", arguments: ["-servername", "localhost", "-groups", "P-521"]),
        Failure(
            reason: "no_application_protocol",
            arguments: ["-servername", "localhost", "-alpn", "spdy/1"]),
        Failure(
            reason: "client_rejected_certificate",
            arguments: [
                "-servername", "localhost", "-verify_hostname", "wrong.test",
                "-verify_return_error",
            ]),
        Failure(reason: "unknown_host", arguments: ["-servername", "unknown.test"]),
    ]

    @Test("A failed handshake has a reason, in metrics and in the log", arguments: failures)
    func failure(_ failure: Failure) throws {
        let martlet = try start(reject: true)
        let (code, text) = try sClient(martlet, failure.arguments)
        #expect(code != 0, "\(text)")
        if failure.reason == "unknown_host" { #expect(text.contains("unrecognized name")) }
        try martlet.wait(
            metric:
                "martlet_tls_handshake_failures_total{listener=\"127.0.0.1:0\","
                + "reason=\"\(failure.reason)\"}"
        ) { $0 == 1 }
    }

    @Test("Renegotiation is refused")
    func renegotiation() throws {
        let martlet = try start()
        let (_, text) = try sClient(martlet, ["-servername", "localhost", "-tls1_2"], input: "R\n")
        #expect(text.contains("no renegotiation"))
    }

    @Test("Plain HTTP on a TLS port gets 400 in words")
    func plainHTTP() throws {
        let martlet = try start()
        let peer = try Peer(martlet.address)
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let reply = try peer.reply()
        #expect(reply.status == 400)
        #expect(reply.body.contains("https://"))
        #expect(try peer.receiveAll() == "")
        try martlet.wait(
            metric:
                "martlet_tls_handshake_failures_total{listener=\"127.0.0.1:0\","
                + "reason=\"plain_http\"}"
        ) { $0 == 1 }
    }

    @Test("The status tells of the handshakes that failed last, and metrics of what was agreed on")
    func facts() throws {
        let martlet = try start(reject: true)
        _ = try sClient(martlet, ["-servername", "nobody.test", "-tls1_2"])
        _ = try sClient(martlet, ["-servername", "localhost"])
        let status = try martlet.ask("/status").body
        let object = try JSONSerialization.jsonObject(with: Data(status.utf8)) as? [String: Any]
        let failures = try #require(object?["handshake_failures"] as? [[String: Any]])
        #expect(failures.count == 1)
        #expect(failures.first?["reason"] as? String == "unknown_host")
        #expect(failures.first?["client"] as? String == "127.0.0.0/24")
        #expect(failures.first?["server_name"] as? String == "nobody.test")
        #expect((failures.first?["offered_versions"] as? [String])?.first == "TLSv1.2")
        #expect(try martlet.ask("/").body.contains("nobody.test"))
        let listener = "listener=\"127.0.0.1:0\""
        let suite = "martlet_tls_cipher_suites_total{\(listener),suite=\"TLS_AES_128_GCM_SHA256\"}"
        #expect(try martlet.metric(suite) == 1)
        #expect(try martlet.metric("martlet_tls_groups_total{\(listener),group=\"x25519\"}") == 1)
    }
}
