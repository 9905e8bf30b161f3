import Foundation
import TLS
import TestSupport
import Testing

/// Keys and chains as `openssl` makes them, in all their forms.
@Suite struct KeyFormTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func openssl(_ arguments: String...) throws {
        let made = try RunningProcess.run("openssl", arguments, folder: folder.path)
        #expect(made.code == 0, "\(arguments): \(made.errors)")
    }

    /// What makes a key, and how `martlet certs` calls it.
    struct Kind: Sendable, CustomTestStringConvertible {
        let label: String
        let algorithm: [String]
        var testDescription: String { label }
    }

    static let kinds = [
        Kind(label: "RSA 2048", algorithm: ["-algorithm", "RSA"]),
        Kind(label: "RSA 4096", algorithm: ["-algorithm", "RSA", "-pkeyopt", "bits:4096"]),
        Kind(label: "ECDSA P-256", algorithm: ["-algorithm", "EC", "-pkeyopt", "group:P-256"]),
        Kind(label: "ECDSA P-384", algorithm: ["-algorithm", "EC", "-pkeyopt", "group:P-384"]),
        Kind(label: "Ed25519", algorithm: ["-algorithm", "ED25519"]),
    ]

    /// Makes `key.pem` in PKCS #8 and a certificate for it, and returns the key's other forms: the
    /// file, and whether it needs the passphrase.
    private func prepare(_ kind: Kind) throws -> [(file: String, isEncrypted: Bool)] {
        let made = try RunningProcess.run(
            "openssl", ["genpkey", "-out", "key.pem"] + kind.algorithm, folder: folder.path)
        #expect(made.code == 0, "\(made.errors)")
        try openssl(
            "req", "-x509", "-new", "-key", "key.pem", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=DNS:localhost", "-days", "2", "-out", "cert.pem")
        try folder.write("swordfish\r\nand a remark\n", to: "key.pass")
        try openssl(
            "pkcs8", "-topk8", "-v2", "aes256", "-in", "key.pem", "-out", "pkcs8.enc", "-passout",
            "pass:swordfish")
        var forms = [("key.pem", false), ("pkcs8.enc", true)]
        // Ed25519 has no older form.
        guard kind.label != "Ed25519" else { return forms }
        try openssl("pkey", "-in", "key.pem", "-traditional", "-out", "old.pem")
        try openssl(
            "pkey", "-in", "key.pem", "-traditional", "-aes256", "-passout", "pass:swordfish",
            "-out", "old.enc")
        forms += [("old.pem", false), ("old.enc", true)]
        guard kind.label.hasPrefix("ECDSA") else { return forms }
        // As `openssl ecparam -genkey` writes it.
        let curve = kind.label.hasSuffix("256") ? "prime256v1" : "secp384r1"
        try openssl("ecparam", "-name", curve, "-out", "parameters.pem")
        let both = try folder.read("parameters.pem") + folder.read("old.pem")
        try folder.write(both, to: "parameters.key")
        return forms + [("parameters.key", false)]
    }

    private func martlet(_ command: String, _ pairs: String) throws -> (code: Int32, text: String) {
        try folder.write(
            """
            listeners: [{ address: "127.0.0.1:0" }]
            sites:
              - hosts: ["localhost"]
                certificates: [\(pairs)]
                backend: "http://127.0.0.1:9"

            """, to: "martlet.yaml")
        let result = try RunningProcess.run(
            MartletInstance.binary, [command, "--config", folder.path("martlet.yaml")])
        return (result.code, result.errors)
    }

    @Test("Every kind of key is read in every form", arguments: kinds)
    func forms(_ kind: Kind) throws {
        for (file, isEncrypted) in try prepare(kind) {
            for name in [file, "key.pass"] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o600], ofItemAtPath: folder.path(name))
            }
            let plain = "{ chain: cert.pem, key: \(file) }"
            let (code, text) = try martlet("check", plain)
            #expect(code == (isEncrypted ? 1 : 0), "\(file): \(text)")
            #expect(text.contains("passphrase_file") == isEncrypted, "\(file): \(text)")
            guard isEncrypted else { continue }
            let opened = try martlet(
                "check", "{ chain: cert.pem, key: \(file), passphrase_file: key.pass }")
            #expect(opened.code == 0 && opened.text.isEmpty, "\(file): \(opened.text)")
        }
    }

    @Test("Every kind of key is served, with TLS 1.2 and 1.3", arguments: kinds)
    func served(_ kind: Kind) throws {
        _ = try prepare(kind)
        let origin = try Origin { $0.echo() }
        let site = """
              - hosts: ["localhost"]
                certificates:
                  - { chain: "own.pem", key: "own.enc", passphrase_file: "own.pass" }
                backend: "http://\(origin.address)"
            """
        let martlet = try MartletInstance(sites: site, keeping: origin) { target, _ in
            for (from, to) in [("cert.pem", "own.pem"), ("pkcs8.enc", "own.enc")] {
                try target.write(try self.folder.read(from), to: to)
            }
            try target.write("swordfish", to: "own.pass")
        }
        for version in ["-tls1_2", "-tls1_3"] {
            let result = try RunningProcess.run(
                "openssl",
                [
                    "s_client", "-connect", "127.0.0.1:\(martlet.port)", "-servername",
                    "localhost", version, "-CAfile", martlet.folder.path("own.pem"),
                ], input: "")
            #expect(result.output.contains("Verify return code: 0 (ok)"), "\(result.errors)")
        }
        let certs = try RunningProcess.run(
            MartletInstance.binary, ["certs", "--admin", "\(try martlet.admin)"])
        #expect(certs.output.contains(kind.label), "\(certs.output)")
    }

    @Test("A passphrase that is wrong, missing, empty or too long is told apart")
    func passphrases() throws {
        _ = try prepare(KeyFormTests.kinds[2])
        let pair = "{ chain: cert.pem, key: pkcs8.enc, passphrase_file: other.pass }"
        for (passphrase, reason) in [
            ("wrong", "is not that of the private key"), ("", "is empty"), ("\n", "is empty"),
            (String(repeating: "a", count: 1024), "is not that of the private key"),
            (String(repeating: "a", count: 1025), "more than 1024 bytes"),
        ] {
            try folder.write(passphrase, to: "other.pass")
            let (code, text) = try martlet("check", pair)
            #expect(code == 1)
            #expect(text.contains(reason), "\(text)")
        }
        let (code, text) = try martlet("check", pair.replacing("other", with: "none"))
        #expect(code == 1)
        #expect(text.contains("cannot read the passphrase"), "\(text)")
        let needless = try martlet("check", pair.replacing("pkcs8.enc", with: "key.pem"))
        #expect(needless.code == 0)
        #expect(needless.text.contains("needs no passphrase"))
    }

    // MARK: - Chains

    /// Makes `root`, `middle` below it and `leaf` below that, as `NAME.pem` and `NAME.key`.
    private func makeChain() throws {
        try folder.write("basicConstraints=critical,CA:true\n", to: "ca.ext")
        try folder.write(
            "subjectAltName=DNS:localhost\n"
                + "authorityInfoAccess=caIssuers;URI:http://ca.example/middle.crt\n", to: "leaf.ext"
        )
        try openssl(
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "root.key", "-out",
            "root.pem", "-subj", "/CN=Root", "-days", "2")
        for (name, issuer, extensions) in [
            ("middle", "root", "ca.ext"), ("leaf", "middle", "leaf.ext"),
        ] {
            try openssl(
                "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "\(name).key", "-out",
                "\(name).csr", "-subj", "/CN=\(name)")
            try openssl(
                "x509", "-req", "-in", "\(name).csr", "-CA", "\(issuer).pem", "-CAkey",
                "\(issuer).key", "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out",
                "\(name).pem")
        }
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: folder.path("leaf.key"))
    }

    @Test("A chain in any order is fine, and what it lacks is named")
    func chains() throws {
        try makeChain()
        let remark = "lacks the certificate of its issuer"
        for (parts, missing) in [
            (["leaf", "middle"], nil), (["middle", "leaf"], nil),
            (["root", "middle", "leaf"], nil), (["middle", "root", "leaf"], nil),
            (["leaf"], "middle"), (["root", "leaf"], "middle"), (["leaf", "root"], "middle"),
        ] as [([String], String?)] {
            let text = try parts.map { try folder.read("\($0).pem") }.joined()
            try folder.write(text, to: "chain.pem")
            let (code, said) = try martlet("check", "{ chain: chain.pem, key: leaf.key }")
            #expect(code == 0)
            #expect(said.contains(remark) == (missing != nil), "\(parts): \(said)")
            if let missing { #expect(said.contains("its issuer 'CN=\(missing)'"), "\(said)") }
        }
    }
}
