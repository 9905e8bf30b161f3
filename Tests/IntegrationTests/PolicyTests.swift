import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// What listeners and sites negotiate, with `openssl s_client`.
@Suite struct PolicyTests {
    private static let listeners = """
          - address: "127.0.0.1:0"
          - { address: "127.0.0.1:0", tls: { policy: modern } }
          - address: "127.0.0.1:0"
            tls:
              versions: [TLSv1.2, TLSv1.3]
              cipher_suites:
                - TLS_CHACHA20_POLY1305_SHA256
                - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
              groups: [P-384, X25519]
              signature_algorithms: [ECDSA+SHA384, ECDSA+SHA256]

        """

    private func start(more: String = "") throws -> MartletInstance {
        let origin = try Origin { $0.echo() }
        let sites =
            MartletInstance.site(origin.address) + "\n" + """
                  - hosts: ["strict.test"]
                    certificates: [{ chain: "both.pem", key: "both.key" }]
                    backend: "http://\(origin.address)"
                    tls: { policy: modern, cipher_suites: [TLS_AES_256_GCM_SHA384] }
                  - hosts: ["lax.test"]
                    certificates: [{ chain: "both.pem", key: "both.key" }]
                    backend: "http://\(origin.address)"
                    tls: { policy: intermediate }
                """
        return try MartletInstance(
            sites: sites, listeners: PolicyTests.listeners, more: more, keeping: origin
        ) { folder, authority in
            let pair = try authority.issue("strict.test", "lax.test", "localhost")
            try TestAuthority.write(pair, as: "both", in: folder)
        }
    }

    private func sClient(
        _ martlet: MartletInstance, _ listener: Int, _ arguments: String...,
        host: String = "localhost"
    ) throws -> String {
        let port = martlet.listeners[listener].port ?? 0
        let result = try RunningProcess.run(
            "openssl",
            ["s_client", "-connect", "127.0.0.1:\(port)", "-servername", host] + arguments,
            input: "")
        return result.output + "\n" + result.errors
    }

    private static let refused = "alert protocol version"

    @Test("Each listener has its policy")
    func listeners() throws {
        let martlet = try start()
        let old = try sClient(martlet, 0, "-tls1_2")
        #expect(old.contains("New, TLSv1.2, Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"))
        #expect(old.contains("Compression: NONE"))
        #expect(try sClient(martlet, 1, "-tls1_2").contains(PolicyTests.refused))
        let modern = try sClient(martlet, 1)
        #expect(modern.contains("New, TLSv1.3, Cipher is TLS_AES_128_GCM_SHA256"))
        let own = try sClient(martlet, 2)
        #expect(own.contains("New, TLSv1.3, Cipher is TLS_CHACHA20_POLY1305_SHA256"))
        // The client's first guess, X25519, is taken although P-384 comes first: another would
        // cost a round trip.
        #expect(own.contains("Server Temp Key: X25519"), "\(own)")
        #expect(try sClient(martlet, 2, "-groups", "P-384").contains("secp384r1"))
        let own12 = try sClient(martlet, 2, "-tls1_2")
        #expect(own12.contains("New, TLSv1.2, Cipher is ECDHE-ECDSA-AES256-GCM-SHA384"))
        #expect(try sClient(martlet, 2, "-groups", "P-256").contains("handshake failure"))
        let signed = try sClient(martlet, 2, "-sigalgs", "ECDSA+SHA256:ECDSA+SHA384")
        #expect(signed.contains("Peer signing digest: SHA256"))
    }

    @Test("A version without a key is warned of and fails; where all are, nothing starts")
    func keys() throws {
        let suites = "cipher_suites: [TLS_AES_128_GCM_SHA256, ECDHE-RSA-AES128-GCM-SHA256]"
        let martlet = try start(more: "tls: { \(suites) }")
        let line = try #require(
            martlet.process.errors.all.first { $0.contains(" config.warning ") })
        #expect(line.contains("no key of this site (ECDSA P-256) fits"), "\(line)")
        #expect(try sClient(martlet, 0, "-tls1_2").contains("alert handshake failure"))
        #expect(try sClient(martlet, 0, "-tls1_3").contains("New, TLSv1.3"))
        let folder = try TemporaryFolder()
        try TestAuthority.write(try TestAuthority().issue("localhost"), as: "cert", in: folder)
        let site = MartletInstance.site(.ipv4(0x7f00_0001, port: 9))
        let text = MartletInstance.text(
            sites: site, more: "tls: { policy: modern, signature_algorithms: [ed25519] }")
        try folder.write(text, to: "martlet.yaml")
        for command in ["check", "run"] {
            let run = try RunningProcess.run(
                MartletInstance.binary, [command, "--config", folder.path("martlet.yaml")])
            #expect(run.code == 1)
            #expect(run.errors.contains("no handshake can succeed"), "\(run.errors)")
        }
    }

    @Test("A site has its own policy, on every listener")
    func sites() throws {
        let martlet = try start()
        for listener in 0...2 {
            let strict = try sClient(martlet, listener, host: "strict.test")
            #expect(strict.contains("New, TLSv1.3, Cipher is TLS_AES_256_GCM_SHA384"))
            let refused = try sClient(martlet, listener, "-tls1_2", host: "strict.test")
            #expect(refused.contains(PolicyTests.refused))
            let lax = try sClient(martlet, listener, "-tls1_2", host: "lax.test")
            #expect(lax.contains("Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"))
        }
    }

    @Test("A request for a stricter site than the handshake's is misdirected: 421")
    func misdirected() throws {
        let martlet = try start()
        let context = try TLSClientContext(trusted: martlet.authority.pair.certificate)
        for (name, host, status) in [
            ("lax.test", "lax.test", 200), ("lax.test", "strict.test", 421),
            ("strict.test", "lax.test", 421), ("strict.test", "strict.test", 200),
        ] {
            let peer = try Peer(martlet.address, tls: context, serverName: name)
            try peer.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            #expect(try peer.reply().status == status, "\(name) \(host)")
        }
    }

    @Test("A ticket of a time with another policy is not a way around it")
    func reload() throws {
        let martlet = try start()
        let session = martlet.folder.path("session.pem")
        let full = try sClient(
            martlet, 0, "-tls1_2", "-sess_out", session, host: "lax.test")
        #expect(full.contains("New, TLSv1.2"))
        let resumed = try sClient(martlet, 0, "-tls1_2", "-sess_in", session, host: "lax.test")
        #expect(resumed.contains("Reused, TLSv1.2"))
        let text = try martlet.folder.read("martlet.yaml")
        try martlet.folder.write(
            text.replacing("tls: { policy: intermediate }", with: "tls: { policy: modern }"),
            to: "martlet.yaml")
        try martlet.reload()
        let after = try sClient(martlet, 0, "-tls1_2", "-sess_in", session, host: "lax.test")
        #expect(after.contains(PolicyTests.refused), "\(after)")
    }

    // MARK: - Mistakes

    /// What `martlet check` says of a section `tls`.
    private func check(_ tls: String, pair: String = "chain: \"cert.pem\", key: \"cert.key\"")
        throws -> (code: Int32, text: String)
    {
        let folder = try TemporaryFolder()
        let authority = try TestAuthority()
        try TestAuthority.write(try authority.issue("localhost"), as: "cert", in: folder)
        try folder.write(
            """
            listeners: [{ address: "127.0.0.1:0" }]
            tls: { \(tls) }
            sites:
              - hosts: ["localhost"]
                certificates: [{ \(pair) }]
                backend: "http://127.0.0.1:9"

            """, to: "martlet.yaml")
        let result = try RunningProcess.run(
            MartletInstance.binary, ["check", "--config", folder.path("martlet.yaml")])
        return (result.code, result.errors)
    }

    @Test(
        "What cannot be negotiated is an error with its place and the reason",
        arguments: [
            ("groups: [X25518]", ":2:17: error: the group 'X25518' is not known; did you mean"),
            ("groups: [P-224]", "the group 'P-224' is refused: it has less than 128 bits"),
            ("cipher_suites: [AES128-SHA, TLS_AES_128_GCM_SHA256]", "no forward secrecy"),
            ("cipher_suites: [ECDHE-RSA-AES128-SHA, TLS_AES_128_GCM_SHA256]", "(AEAD)"),
            ("cipher_suites: [HIGH]", "is a rule of OpenSSL's"),
            ("cipher_suites: [TLS_AES_128_GCM_SHA265]", "mean 'TLS_AES_128_GCM_SHA256'?"),
            ("cipher_suites: [TLS_AES_128_GCM_SHA256]", "is for TLSv1.2; name one, or leave"),
            ("policy: modern, versions: [TLSv1.2]", "is for TLSv1.2; name 'cipher_suites'"),
            ("signature_algorithms: [RSA+SHA1]", "is refused: SHA-1 is broken"),
            ("versions: [TLSv1.1]", "expected TLSv1.2 or TLSv1.3"),
        ])
    func mistakes(_ tls: String, _ reason: String) throws {
        let (code, text) = try check(tls)
        #expect(code == 1)
        #expect(text.contains(reason), "\(text)")
    }

    @Test("A group of a later OpenSSL is an error where an operator names it")
    func laterGroup() throws {
        let (code, text) = try check("groups: [X25519MLKEM768, X25519]")
        if TLSCatalog.current.groups.contains("X25519MLKEM768") {
            #expect(code == 0)
        } else {
            #expect(code == 1)
            #expect(text.contains("is not in the library at run time, OpenSSL 3."), "\(text)")
            #expect(text.contains("it came with OpenSSL 3.5"), "\(text)")
        }
    }

    @Test("A suite of a version that is not spoken is a warning")
    func unusedSuite() throws {
        let (code, text) = try check(
            "policy: modern, cipher_suites: [TLS_AES_128_GCM_SHA256, DHE-RSA-AES128-GCM-SHA256]")
        #expect(code == 0)
        #expect(text.contains("warning: the cipher suite 'DHE-RSA-AES128-GCM-SHA256' is never"))
    }
}
