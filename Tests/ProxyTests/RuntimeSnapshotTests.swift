import Config
import HTTP
import Platform
import Synchronization
import TLS
import Telemetry
import Testing

@testable import Proxy

@Suite("RuntimeSnapshot")
struct RuntimeSnapshotTests {
    /// A snapshot without sites.
    static func snapshot(
        generation: UInt64 = 1, groups: [UpstreamGroup] = [],
        released: @escaping @Sendable (UInt64) -> Void
    ) -> RuntimeSnapshot {
        RuntimeSnapshot(
            generation: generation, listeners: [],
            hosts: CredentialStore(sites: [], defaultSite: nil, rejectsUnknownHosts: false),
            sites: [], groups: groups,
            settings: RuntimeSettings(
                timeouts: TimeoutConfig(), requestLimits: MessageLimits(),
                responseLimits: MessageLimits(), forwarding: ForwardingRules(ForwardingConfig())),
            released: released)
    }

    @Test("A snapshot tells once, and only when the last one lets go")
    func released() {
        let told = Mutex<[UInt64]>([])
        var first: RuntimeSnapshot? = RuntimeSnapshotTests.snapshot(generation: 7) { generation in
            told.withLock { $0.append(generation) }
        }
        var second = first
        first = nil
        #expect(told.withLock { $0 } == [])
        #expect(second?.generation == 7)
        second = nil
        #expect(told.withLock { $0 } == [7])
    }

    /// RFC 9110 §7.6: whoever shares a connection shares what the server thinks of it.
    @Test("Connections are shared exactly by the same server of the same backend")
    func identity() throws {
        let registry = MetricsRegistry()
        func key(
            _ backend: String, _ port: UInt16, speaks: BackendProtocol = .http1,
            tls: ServerTLS? = nil, header: ProxyVersion? = nil
        ) -> UpstreamKey {
            let address = SocketAddress.ipv4(0x7f00_0001, port: port)
            return ServerPlan(
                name: "", address: address,
                label: registry.server(backend: backend, server: "\(address)"), speaks: speaks,
                tls: tls, proxyHeader: header
            ).key
        }
        func tls(_ name: String?, _ offered: String = "") throws -> ServerTLS {
            var terms = TLSClientTerms(authorities: nil)
            terms.applicationProtocol = offered
            return ServerTLS(context: try TLSClientContext(terms), serverName: name)
        }
        #expect(key("a", 1) == key("a", 1))
        #expect(key("a", 1) != key("a", 2))
        #expect(key("a", 1) != key("b", 1))
        // What is equal is so by what it says, not by where it was made.
        #expect(key("a", 1, tls: try tls("x")) == key("a", 1, tls: try tls("x")))
        let keys = [
            key("a", 1), key("a", 1, tls: try tls("x")), key("a", 1, tls: try tls("y")),
            key("a", 1, tls: try tls(nil)), key("a", 1, tls: try tls("x", "http/1.1")),
            key("a", 1, speaks: .h2c), key("a", 1, header: .v1), key("a", 1, header: .v2),
        ]
        #expect(Set(keys).count == keys.count)
    }
}
