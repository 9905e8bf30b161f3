import TLS
import TestSupport
import Testing

@testable import Server

/// Keys beside what is negotiated for them, as `martlet check` tells of them.
struct KeyCheckTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let authority = try TestAuthority()
        for (name, algorithm) in [("ec", .ecdsa), ("rsa", .rsa)] as [(String, KeyAlgorithm)] {
            let pair = authority.completed(try authority.issue("localhost", algorithm: algorithm))
            try TestAuthority.write(pair, as: name, in: folder)
        }
    }

    /// What is said of one site with these keys, at these listeners.
    private func check(
        _ keys: [String], listeners: [String], site: String = "{}"
    ) throws -> [String] {
        let pairs = keys.map { "{ chain: \($0).pem, key: \($0).key }" }
        let entries = listeners.map { "  - { address: \"127.0.0.1:0\", tls: \($0) }" }
        let text = """
            sites:
              - hosts: localhost
                certificates: [\(pairs.joined(separator: ", "))]
                backend: "http://127.0.0.1:9"
                tls: \(site)
            listeners:
            \(entries.joined(separator: "\n"))
            """
        let (isGood, diagnostics) = ConfigCheck.run(.file(try folder.write(text, to: "m.yaml")))
        let file = folder.path("m.yaml")
        #expect(diagnostics.allSatisfy { $0.hasPrefix(file) }, "\(diagnostics)")
        #expect(isGood == !diagnostics.contains { $0.contains(": error: ") })
        return diagnostics.map { String($0.dropFirst(file.count)) }
    }

    private static let rsa12 = "TLS_AES_128_GCM_SHA256, ECDHE-RSA-AES128-GCM-SHA256"

    /// What is said where no handshake can succeed.
    private static func hopeless(_ kind: String, column: Int) -> String {
        ":3:\(column): error: no key of this site (\(kind)) fits its 'cipher_suites' and"
            + " 'signature_algorithms': no handshake can succeed"
    }

    /// What is said of one version.
    private static func partial(_ kind: String, _ version: String, line: Int, column: Int)
        -> String
    {
        ":3:\(column): warning: no key of this site (\(kind)) fits the 'cipher_suites' and"
            + " 'signature_algorithms' for \(version) at the listener at line \(line):"
            + " such handshakes fail"
    }

    @Test("Keys that fit what is negotiated are not spoken of")
    func good() throws {
        for policy in ["modern", "intermediate"] {
            let listeners = ["{ policy: \(policy) }"]
            #expect(try check(["ec"], listeners: listeners) == [])
            #expect(try check(["rsa"], listeners: listeners) == [])
        }
        let mixed = ["{ cipher_suites: [\(Self.rsa12)] }"]
        #expect(try check(["ec", "rsa"], listeners: mixed) == [])
        #expect(try check(["rsa"], listeners: mixed) == [])
    }

    @Test(
        "A site that nobody can reach is an error",
        arguments: [
            (
                "ec", "ECDSA P-256",
                "{ versions: [TLSv1.2], cipher_suites: [ECDHE-RSA-AES128-GCM-SHA256] }"
            ),
            (
                "rsa", "RSA 2048",
                "{ versions: [TLSv1.2], cipher_suites: [ECDHE-ECDSA-AES128-GCM-SHA256] }"
            ),
            ("ec", "ECDSA P-256", "{ signature_algorithms: [rsa_pss_rsae_sha256, ed25519] }"),
            ("rsa", "RSA 2048", "{ policy: modern, signature_algorithms: [rsa_pkcs1_sha256] }"),
            ("ec", "ECDSA P-256", "{ policy: modern, signature_algorithms: [ECDSA+SHA384] }"),
        ])
    func hopeless(key: String, kind: String, tls: String) throws {
        let expected = Self.hopeless(kind, column: key == "ec" ? 42 : 43)
        #expect(try check([key], listeners: [tls]) == [expected])
        #expect(try check([key], listeners: ["{}"], site: tls) == [expected])
    }

    @Test("A version without a key is a warning, for each listener that speaks it")
    func partial() throws {
        let suites = "{ cipher_suites: [\(Self.rsa12)] }"
        let said = Self.partial("ECDSA P-256", "TLSv1.2", line: 7, column: 42)
        #expect(try check(["ec"], listeners: [suites]) == [said])
        #expect(try check(["ec"], listeners: [suites, suites]) == [said])
        let algorithms = "{ signature_algorithms: [rsa_pkcs1_sha256] }"
        #expect(
            try check(["rsa"], listeners: ["{}", algorithms])
                == [Self.partial("RSA 2048", "TLSv1.3", line: 8, column: 43)])
    }

    @Test("A site that one of the listeners serves is a warning at the other")
    func otherListener() throws {
        let tls = "{ versions: [TLSv1.2], cipher_suites: [ECDHE-RSA-AES128-GCM-SHA256] }"
        let said = Self.partial("ECDSA P-256", "TLSv1.2", line: 7, column: 42)
        #expect(try check(["ec"], listeners: [tls, "{}"]) == [said])
    }
}
