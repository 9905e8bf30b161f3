import Platform
import Testing

@testable import Telemetry

@Suite("Handshake failure record")
struct HandshakeFailureRecordTests {
    @Test(
        "Of the client only the network is kept",
        arguments: [
            ("192.0.2.77:1234", "192.0.2.0/24"), ("[2001:db8:1:2:3::4]:1", "2001:db8:1::/48"),
            ("unix:/a", "unix:"),
        ])
    func network(address: String, network: String) throws {
        let client = try #require(SocketAddress(address))
        let record = HandshakeFailureRecord(
            time: WallTime(seconds: 1), client: client, listener: "l", serverName: nil,
            offeredVersions: [], reason: "timeout", alert: nil)
        #expect(record.client == network)
    }
}
