import Testing

@testable import Telemetry

struct TCPResultTests {
    @Test("Each result has a label of its own")
    func labels() {
        #expect(Set(TCPResult.allCases.map { "\($0.label)" }).count == TCPResult.allCases.count)
    }
}
