import Testing

@testable import TLS

struct PEMPairTests {
    @Test("A pair is its certificate and its key")
    func equality() {
        let pair = PEMPair(certificate: [1], key: [2])
        #expect(pair.certificate == [1] && pair.key == [2])
        #expect(pair == PEMPair(certificate: [1], key: [2]))
        #expect(pair != PEMPair(certificate: [1], key: [3]))
        #expect(pair != PEMPair(certificate: [3], key: [2]))
    }
}
