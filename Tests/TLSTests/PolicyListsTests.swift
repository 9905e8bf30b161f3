import Testing

@testable import TLS

struct PolicyListsTests {
    @Test("What a library lacks makes no difference")
    func missing() {
        var policy = TLSPolicy.modern
        policy.groups.append("NONE25519")
        #expect(PolicyLists(policy) == PolicyLists(.modern))
        #expect(PolicyLists(.modern) != PolicyLists(.intermediate))
    }

    @Test(
        "A client is asked again for a share of a hybrid group, and of no other",
        arguments: [
            ([], ""), (["X25519"], "X25519"), (["X25519", "P-256"], "X25519:P-256"),
            (["X25519MLKEM768", "X25519", "P-256"], "X25519MLKEM768/X25519:P-256"),
            (["X25519MLKEM768", "SecP256r1MLKEM768"], "X25519MLKEM768:SecP256r1MLKEM768"),
            (["X25519", "X25519MLKEM768", "P-256"], "X25519:X25519MLKEM768/P-256"),
        ])
    func groups(_ groups: [String], _ list: String) {
        #expect(PolicyLists.groupList(groups) == list)
    }

    @Test("Finite fields are needed by DHE suites alone")
    func finiteField() {
        #expect(PolicyLists(.intermediate).hasFiniteField)
        #expect(!PolicyLists(.modern).hasFiniteField)
        var policy = TLSPolicy.intermediate
        policy.cipherSuites = ["ECDHE-RSA-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256"]
        #expect(!PolicyLists(policy).hasFiniteField)
    }
}
