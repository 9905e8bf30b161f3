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

    @Test("Finite fields are needed by DHE suites alone")
    func finiteField() {
        #expect(PolicyLists(.intermediate).hasFiniteField)
        #expect(!PolicyLists(.modern).hasFiniteField)
        var policy = TLSPolicy.intermediate
        policy.cipherSuites = ["ECDHE-RSA-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256"]
        #expect(!PolicyLists(policy).hasFiniteField)
    }
}
