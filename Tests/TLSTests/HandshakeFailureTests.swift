import Testing

@testable import TLS

struct HandshakeFailureTests {
    @Test("Reasons are labels of metrics: short, in snake case, each once")
    func labels() {
        let labels = HandshakeFailure.allCases.map(\.rawValue)
        #expect(Set(labels).count == labels.count)
        for label in labels {
            let isSnake = label.utf8.allSatisfy { $0 == 0x5f || (0x61...0x7a).contains($0) }
            #expect(isSnake && label.utf8.count <= 32, "\(label)")
        }
        // Dashboards and alert rules name these.
        for label in [
            "no_shared_cipher", "unsupported_version", "unknown_host", "plain_http", "timeout",
            "client_rejected_certificate",
        ] {
            #expect(HandshakeFailure(rawValue: label) != nil, "\(label)")
        }
    }
}
