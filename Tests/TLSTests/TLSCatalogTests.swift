import Testing

@testable import TLS

struct TLSCatalogTests {
    private let catalog = TLSCatalog.current

    @Test(
        "A suite is known by the name of the standard and by OpenSSL's, whatever the case",
        arguments: [
            ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
            ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
            ("ecdhe-rsa-aes128-gcm-sha256", "ECDHE-RSA-AES128-GCM-SHA256"),
            ("TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "DHE-RSA-CHACHA20-POLY1305"),
            ("ECDHE-ECDSA-AES256-CCM", "ECDHE-ECDSA-AES256-CCM"),
        ])
    func suites(_ text: String, _ name: String) throws {
        #expect(try catalog.resolve(text, as: .cipherSuite) == name)
    }

    @Test(
        "A weak suite is refused, and the reason is that of its weakness",
        arguments: [
            ("AES128-GCM-SHA256", "forward secrecy"),
            ("TLS_RSA_WITH_AES_256_CBC_SHA", "forward secrecy"),
            ("ECDHE-RSA-AES128-SHA", "AEAD"), ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "AEAD"),
            ("ADH-AES128-GCM-SHA256", "authenticates nobody"),
            ("PSK-AES128-GCM-SHA256", "without a certificate"),
            ("ECDHE-RSA-NULL-SHA", "does not encrypt"), ("ECDHE-ECDSA-AES128-CCM8", "64 bits"),
            ("TLS_AES_128_CCM_8_SHA256", "64 bits"), ("RC4-SHA", "broken"),
            ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "broken"), ("EXP-DES-CBC-SHA", "broken"),
        ])
    func weakSuites(_ text: String, _ reason: String) throws {
        let error = #expect(throws: TLSNameError.self) {
            try catalog.resolve(text, as: .cipherSuite)
        }
        guard case .weak(let found) = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(found.contains(reason), "\(found)")
    }

    @Test(
        "Rules of OpenSSL's are no names",
        arguments: ["HIGH", "ALL:!aNULL", "ECDHE+AESGCM", "@STRENGTH", "A:B", "!MD5", "EECDH"])
    func rules(_ text: String) {
        #expect(throws: TLSNameError.rule) { try catalog.resolve(text, as: .cipherSuite) }
    }

    @Test(
        "Groups and signature algorithms have several names",
        arguments: [
            ("X25519", "X25519", TLSCatalog.Kind.group), ("x25519", "X25519", .group),
            ("prime256v1", "P-256", .group), ("secp384r1", "P-384", .group),
            ("ffdhe3072", "ffdhe3072", .group),
            ("ECDSA+SHA256", "ecdsa_secp256r1_sha256", .signatureAlgorithm),
            ("Ed25519", "ed25519", .signatureAlgorithm),
            ("rsa-pss+sha384", "rsa_pss_rsae_sha384", .signatureAlgorithm),
        ])
    func others(_ text: String, _ name: String, _ kind: TLSCatalog.Kind) throws {
        #expect(try catalog.resolve(text, as: kind) == name)
    }

    @Test("What is weak, unknown or a list is told apart")
    func refused() {
        let table: [(String, TLSCatalog.Kind, TLSNameError)] = [
            ("RSA+SHA1", .signatureAlgorithm, .weak("SHA-1 is broken")),
            ("secp224r1", .group, .weak("it has less than 128 bits of security")),
            ("P-257", .group, .unknown), ("X25519:P-256", .group, .rule),
            ("rsa_sha256", .signatureAlgorithm, .unknown),
            ("TLS_AES_129_GCM_SHA256", .cipherSuite, .unknown), ("", .cipherSuite, .unknown),
        ]
        for (text, kind, error) in table {
            #expect(throws: error) { try catalog.resolve(text, as: kind) }
        }
    }

    @Test("A group that this OpenSSL lacks is missing, not unknown")
    func missing() {
        guard !catalog.groups.contains("X25519MLKEM768") else { return }
        #expect(throws: TLSNameError.missing(since: "3.5")) {
            try catalog.resolve("x25519mlkem768", as: .group)
        }
    }

    @Test("Every name that is suggested can be negotiated", arguments: TLSCatalog.Kind.allCases)
    func names(_ kind: TLSCatalog.Kind) throws {
        let names = catalog.names(of: kind)
        #expect(names.count > 5)
        for name in names { #expect(throws: Never.self) { try catalog.resolve(name, as: kind) } }
    }

    @Test("Looking leaves no error behind")
    func quiet() { #expect(ErrorQueue.take() == nil) }
}
