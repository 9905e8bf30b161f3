import Platform
import Testing

@testable import Telemetry

@Suite("Handshake failure ring")
struct HandshakeFailureRingTests {
    @Test("The newest are kept and come first", arguments: [0, 1, 63, 64, 65, 200])
    func order(count: Int) {
        let ring = HandshakeFailureRing()
        for number in 0..<count {
            ring.append(
                HandshakeFailureRecord(
                    time: WallTime(seconds: 1), client: .ipv4(1, port: 1), listener: "l",
                    serverName: nil, offeredVersions: [], reason: "\(number)", alert: nil))
        }
        let expected = (max(0, count - 64)..<count).reversed().map { "\($0)" }
        #expect(ring.newestFirst.map(\.reason) == expected)
    }
}
