import Testing

@testable import TLS

struct TLSVersionTests {
    @Test("Versions have the numbers of the wire and the names of the field")
    func versions() {
        #expect(TLSVersion.allCases.map(\.rawValue) == [0x0303, 0x0304])
        #expect(TLSVersion.allCases.map(\.label) == ["TLSv1.2", "TLSv1.3"])
        #expect(TLSVersion(rawValue: 0x0302) == nil)
    }
}
