import Config
import TLS
import Testing

@testable import Server

struct PolicyReaderTests {
    private static func names(_ texts: [String]) -> [MarkedText] {
        texts.enumerated().map { MarkedText($1, mark: SourceMark(line: 7, column: $0 + 1)) }
    }

    private func read(_ offer: TLSOffer) -> (policy: TLSPolicy, said: [String]) {
        var reader = PolicyReader(file: "m.yaml")
        let policy = reader.policy(offer, at: SourceMark(line: 2, column: 5))
        return (policy, reader.diagnostics.map(\.description))
    }

    @Test("An offer without lists is its policy")
    func policies() {
        #expect(read(TLSOffer()).policy == .intermediate)
        #expect(read(TLSOffer(policy: .modern)).policy == .modern)
        #expect(read(TLSOffer(policy: .modern)).said == [])
    }

    @Test("Lists stand in place of the policy's, in OpenSSL's names, each once")
    func lists() {
        let (policy, said) = read(
            TLSOffer(
                versions: [.tls13, .tls12],
                cipherSuites: PolicyReaderTests.names([
                    "TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "ECDHE-RSA-AES128-GCM-SHA256",
                ]),
                groups: PolicyReaderTests.names(["prime256v1", "x25519"]),
                signatureAlgorithms: PolicyReaderTests.names(["ECDSA+SHA256"])))
        #expect(said == [])
        #expect(policy.minimumVersion == .tls12 && policy.maximumVersion == .tls13)
        let suites = ["TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"]
        #expect(policy.cipherSuites == suites)
        #expect(policy.groups == ["P-256", "X25519"])
        #expect(policy.signatureAlgorithms == ["ecdsa_secp256r1_sha256"])
    }

    @Test("One version can be left out")
    func versions() {
        let old = read(
            TLSOffer(
                versions: [.tls12],
                cipherSuites: PolicyReaderTests.names(["ECDHE-RSA-AES128-GCM-SHA256"])))
        #expect(old.said == [])
        #expect(old.policy.minimumVersion == .tls12 && old.policy.maximumVersion == .tls12)
        let new = read(TLSOffer(versions: [.tls13]))
        #expect(new.policy.minimumVersion == .tls13 && new.policy.maximumVersion == .tls13)
        #expect(new.said == [])
    }

    @Test("A name that nobody knows is an error that suggests another")
    func unknown() {
        let said = read(
            TLSOffer(
                cipherSuites: PolicyReaderTests.names(["ECDHE-RSA-AES128-GCM-SHA265", "fish"]),
                groups: PolicyReaderTests.names(["secp256r2"]),
                signatureAlgorithms: PolicyReaderTests.names(["ed25520"]))
        ).said
        #expect(
            said == [
                "m.yaml:7:1: error: the cipher suite 'ECDHE-RSA-AES128-GCM-SHA265' is not known;"
                    + " did you mean 'ECDHE-RSA-AES128-GCM-SHA256'?",
                "m.yaml:7:2: error: the cipher suite 'fish' is not known",
                "m.yaml:7:1: error: the group 'secp256r2' is not known;"
                    + " did you mean 'secp256r1'?",
                "m.yaml:7:1: error: the signature algorithm 'ed25520' is not known;"
                    + " did you mean 'ed25519'?",
            ])
    }

    @Test("A version without a suite is an error, where the suites stand or the section")
    func suitesOfVersions() {
        let listed = read(
            TLSOffer(cipherSuites: PolicyReaderTests.names(["TLS_AES_128_GCM_SHA256"])))
        #expect(
            listed.said == [
                "m.yaml:7:1: error: no suite of 'cipher_suites' is for TLSv1.2;"
                    + " name one, or leave TLSv1.2 out of 'versions'"
            ])
        let derived = read(TLSOffer(policy: .modern, versions: [.tls12, .tls13]))
        #expect(
            derived.said == [
                "m.yaml:2:5: error: no suite of 'cipher_suites' is for TLSv1.2;"
                    + " name 'cipher_suites', or take another policy than 'modern'"
            ])
    }

    @Test("What two listeners share is reported once")
    func shared() {
        var reader = PolicyReader(file: "m.yaml")
        let offer = TLSOffer(groups: PolicyReaderTests.names(["X25518"]))
        _ = reader.policy(offer, at: SourceMark(line: 2, column: 5))
        _ = reader.policy(offer, at: SourceMark(line: 3, column: 5))
        #expect(reader.diagnostics.count == 1)
    }
}
