import Config
import HTTP
import Platform
import Proxy
import Synchronization
import TLS
import Telemetry
import TestSupport
import Testing

@testable import Server

final class FormerSnapshotsTests: Sendable {
    private let freed = Mutex<[UInt64]>([])

    private func snapshot(_ generation: UInt64, tls: TLSContext?) -> RuntimeSnapshot {
        let listener = ListenerPlan(
            address: .ipv4(0x7f00_0001, port: 0), label: MetricsRegistry().listener("l"), tls: tls,
            redirectPort: nil)
        return RuntimeSnapshot(
            generation: generation, listeners: [listener],
            hosts: CredentialStore(sites: [], defaultSite: nil, rejectsUnknownHosts: false),
            sites: [], groups: [],
            settings: RuntimeSettings(
                timeouts: TimeoutConfig(), requestLimits: MessageLimits(),
                responseLimits: MessageLimits(), forwarding: ForwardingRules(ForwardingConfig()))
        ) { [self] generation in freed.withLock { $0.append(generation) } }
    }

    private func context() throws -> TLSContext {
        try TLSContext(
            store: CredentialStore(sites: [], defaultSite: nil, rejectsUnknownHosts: false),
            policy: .modern, alpn: [], ticketKeys: try TicketKeys())
    }

    @Test("What somebody still serves by is kept, and freed once nobody does")
    func keeps() throws {
        var former = FormerSnapshots()
        #expect(former.isEmpty)
        var first: RuntimeSnapshot? = snapshot(1, tls: nil)
        former.keep(try #require(first))
        former.keep(snapshot(2, tls: nil))
        former.release(present: nil)
        #expect(freed.withLock { $0 } == [2])
        #expect(!former.isEmpty)
        first = nil
        // Whoever lets go last frees nothing.
        #expect(freed.withLock { $0 } == [2])
        former.release(present: nil)
        #expect(freed.withLock { $0 } == [2, 1])
        #expect(former.isEmpty)
    }

    @Test("A connection's TLS context is kept behind its snapshot, but not one in service")
    func contexts() throws {
        var former = FormerSnapshots()
        var connection: TLSContext? = try context()
        let served = try context()
        weak let watched = connection
        former.keep(snapshot(1, tls: connection))
        former.keep(snapshot(2, tls: served))
        former.release(present: snapshot(3, tls: served))
        #expect(freed.withLock { $0.contains(1) && $0.contains(2) })
        #expect(!former.isEmpty && !former.hasSnapshots)
        connection = nil
        #expect(watched != nil)
        // The one in service, which is still alive, was never among them.
        former.release(present: nil)
        #expect(former.isEmpty)
        #expect(watched == nil)
        withExtendedLifetime(served) {}
    }
}
