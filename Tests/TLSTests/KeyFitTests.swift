import TestSupport
import Testing

@testable import TLS

/// What is said of keys and policies, beside what OpenSSL does with them.
struct KeyFitTests {
    /// How `openssl` makes a key, and what it is.
    struct Kind: Sendable, CustomTestStringConvertible {
        let form: KeyForm
        let arguments: [String]
        var testDescription: String { "\(form)" }
    }

    static let kinds = [
        Kind(form: .rsa, arguments: ["-algorithm", "RSA"]),
        Kind(form: .rsaPSS, arguments: ["-algorithm", "RSA-PSS"]),
        Kind(form: .ecdsa(curve: "prime256v1"), arguments: curve("P-256")),
        Kind(form: .ecdsa(curve: "secp384r1"), arguments: curve("P-384")),
        Kind(form: .ecdsa(curve: "secp521r1"), arguments: curve("P-521")),
        Kind(form: .ecdsa(curve: "brainpoolP256r1"), arguments: curve("brainpoolP256r1")),
        Kind(form: .ed25519, arguments: ["-algorithm", "ED25519"]),
        Kind(form: .ed448, arguments: ["-algorithm", "ED448"]),
    ]

    private static func curve(_ name: String) -> [String] {
        ["-algorithm", "EC", "-pkeyopt", "group:\(name)"]
    }

    private func credential(_ kind: Kind) throws -> Credential {
        let folder = try TemporaryFolder()
        for arguments in [
            ["genpkey", "-out", "key.pem"] + kind.arguments,
            [
                "req", "-x509", "-new", "-key", "key.pem", "-subj", "/CN=a.test", "-addext",
                "subjectAltName=DNS:a.test", "-days", "2", "-out", "cert.pem",
            ],
        ] {
            let made = try RunningProcess.run("openssl", arguments, folder: folder.path)
            #expect(made.code == 0, "\(made.errors)")
        }
        return try Credential(
            chainPEM: Array(folder.read("cert.pem").utf8),
            keyPEM: Array(folder.read("key.pem").utf8))
    }

    /// Policies that differ in what keys they take.
    private static let policies: [TLSPolicy] = {
        var policies = [TLSPolicy.intermediate, .modern]
        let suites = TLSPolicy.intermediate.cipherSuites
        for word in ["-ECDSA-", "ECDHE-RSA-", "DHE-RSA-"] {
            var policy = TLSPolicy.intermediate
            policy.cipherSuites = suites.filter { $0.hasPrefix("TLS_") || $0.contains(word) }
            policies.append(policy)
        }
        for name in TLSPolicy.intermediate.signatureAlgorithms {
            var policy = TLSPolicy.intermediate
            policy.signatureAlgorithms = [name]
            policies.append(policy)
        }
        return policies
    }()

    @Test("A key is taken exactly where OpenSSL shakes hands with it", arguments: kinds)
    func agreement(_ kind: Kind) throws {
        let credential = try credential(kind)
        #expect(credential.keyForm == kind.form)
        let store = CredentialStore(
            sites: [
                CredentialStore.Site(hosts: ["a.test"], credentials: [credential], index: 0)
            ], defaultSite: 0, rejectsUnknownHosts: false)
        let keys = try TicketKeys()
        for version in TLSVersion.allCases {
            let client = try TLSClientContext(
                trusted: nil, versions: version.rawValue...version.rawValue,
                groups: "X25519:P-256:P-384:P-521:brainpoolP256r1")
            for policy in Self.policies {
                let server = try TLSContext(
                    store: store, policy: policy, alpn: [], ticketKeys: keys)
                var pair = try Handshake(server, client, serverName: "a.test")
                pair.run()
                let isDone = pair.serverOutcome == .done
                #expect(
                    KeyFit(policy).takes(kind.form, in: version) == isDone,
                    "\(version) \(policy.cipherSuites) \(policy.signatureAlgorithms)")
            }
        }
    }

    @Test("The versions are those of the policy")
    func versions() {
        #expect(KeyFit(.intermediate).spoken == [.tls12, .tls13])
        #expect(KeyFit(.modern).spoken == [.tls13])
        #expect(!KeyFit(.modern).takes(.other, in: .tls12))
        #expect(KeyFit(.modern).takes(.other, in: .tls13))
    }

    @Test("Of several keys any will do, but of two on curves the first alone is used")
    func several() {
        var policy = TLSPolicy.modern
        policy.signatureAlgorithms = ["ecdsa_secp256r1_sha256"]
        let fit = KeyFit(policy)
        let (small, large) = (
            KeyForm.ecdsa(curve: "prime256v1"), KeyForm.ecdsa(curve: "secp384r1")
        )
        for (forms, isTaken) in [
            ([], false), ([.rsa], false), ([.rsa, small], true), ([small, large], true),
            ([large, small], false), ([large, .other], true),
        ] as [([KeyForm], Bool)] {
            #expect(fit.takes(anyOf: forms, in: .tls13) == isTaken, "\(forms)")
        }
    }
}
