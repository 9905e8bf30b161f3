import Config
import Platform
import Proxy
import Telemetry
import Testing

@testable import Server

struct SnapshotBuilderHealthTests {
    @Test("Plans of servers carry what is known of them and what they are judged by")
    func plans() throws {
        let registry = MetricsRegistry()
        var builder = SnapshotBuilder(file: "m.yaml", registry: registry)
        let label = registry.server(backend: "b", server: "s")
        let plan = ServerPlan(
            name: "s", address: .ipv4(0x7f00_0001, port: 1), label: label)
        var backend = BackendConfig(name: "b", servers: [])
        backend.outliers = OutlierConfig()
        let group = UpstreamGroup(name: "b", servers: [plan])
        let unknown = try #require(builder.withHealth(group, backend).servers.first)
        #expect(unknown.standing == ServerStanding())
        #expect(unknown.outliers == OutlierConfig())
        let board = StandingBoard()
        board.change(label) { $0.isCheckedDown = true }
        builder.standings = board
        #expect(builder.withHealth(group, backend).servers[0].standing.isCheckedDown)
    }
}
