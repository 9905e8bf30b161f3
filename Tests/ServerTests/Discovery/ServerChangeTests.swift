import HTTP
import Platform
import Proxy
import Telemetry
import Testing

@testable import Server

struct ServerChangeTests {
    private let registry = MetricsRegistry()

    private func group(_ servers: (String, UInt32)..., weight: Int = 1) -> UpstreamGroup {
        UpstreamGroup(
            name: "b",
            servers: servers.map { name, bits in
                var plan = ServerPlan(
                    name: name, address: .ipv4(bits, port: 80),
                    label: registry.server(backend: "b", server: name))
                plan.weight = weight
                return plan
            })
    }

    @Test("What came and what went is told; nothing is where all is as before")
    func changes() throws {
        let old = group(("a", 1), ("b", 2))
        #expect(ServerChange(from: old, to: group(("a", 1), ("b", 2))) == nil)
        let change = try #require(ServerChange(from: old, to: group(("a", 3), ("b", 2))))
        #expect(change.added == [.ipv4(3, port: 80)])
        #expect(change.removed == [.ipv4(1, port: 80)])
        #expect(change.count == 2)
        let heavier = try #require(
            ServerChange(from: old, to: group(("a", 1), ("b", 2), weight: 2)))
        #expect(heavier.added.isEmpty && heavier.removed.isEmpty)
    }

    @Test("Of many addresses eight are written")
    func spelling() {
        let many = (1...9).map { SocketAddress.ipv4($0, port: 1) }
        #expect(ServerChange.spell([]) == "")
        #expect(ServerChange.spell(Array(many.prefix(2))) == "0.0.0.1:1 0.0.0.2:1")
        #expect(ServerChange.spell(Array(many.prefix(8))).hasSuffix("0.0.0.8:1"))
        #expect(ServerChange.spell(many).hasSuffix("0.0.0.8:1 and 1 more"))
    }

    @Test("Other hosts, kin and names in TLS are changes as well")
    func same() {
        func group(_ change: (inout ServerPlan) -> Void, _ header: ProxyVersion? = nil)
            -> UpstreamGroup
        {
            var plan = ServerPlan(
                name: "a", address: .ipv4(1, port: 80),
                label: registry.server(backend: "b", server: "a"), proxyHeader: header)
            change(&plan)
            return UpstreamGroup(name: "b", servers: [plan])
        }
        let old = group { _ in }
        #expect(ServerChange(from: old, to: group { _ in }) == nil)
        #expect(ServerChange(from: old, to: group { $0.host = "h:80" }) != nil)
        #expect(ServerChange(from: old, to: group { $0.kin = 1 }) != nil)
        #expect(ServerChange(from: old, to: group({ _ in }, .v2)) != nil)
    }
}
