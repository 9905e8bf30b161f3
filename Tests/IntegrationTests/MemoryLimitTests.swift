import Foundation
import Platform
import TestSupport
import Testing

/// Memory that runs short.
@Suite struct MemoryLimitTests {
    static let isSanitized = ProcessInfo.processInfo.environment["MARTLET_SANITIZER_MIB"] != nil

    /// Clients that send almost all of a large head hold a buffer each, until they are gone.
    @Test(
        "Where memory is short, new connections are closed until there is enough again",
        .disabled(if: isSanitized, "a sanitizer takes more than the limit for itself"))
    func shedding() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address),
            listeners: "  - { address: \"127.0.0.1:0\", tls: false }\n",
            more: """
                workers: 1
                limits: { memory: 32MiB, connections: 5000, connections_per_address: 5000 }
                timeouts: { request_head: 1h }
                """, keeping: origin)
        let begin = Array(
            ("GET / HTTP/1.1\r\nHost: localhost\r\nA: " + String(repeating: "a", count: 60_000))
                .utf8)
        var clients: [Peer] = []
        var count = 0
        let told = " memory.pressure level="
        while martlet.process.errors.all.allSatisfy({ !$0.contains(told) }) {
            count += 1
            guard count < 4_000 else { throw TestFailure("memory is never short") }
            // Once it is short, connecting may fail.
            guard let peer = try? Peer(martlet.address) else { continue }
            try? peer.send(begin)
            clients.append(peer)
        }
        try refuse(martlet)
        clients.removeAll()
        try martlet.process.errors.wait(for: "\(told)none ")
        try martlet.wait(metric: "martlet_connections_active{listener=\"127.0.0.1:0\"}") { $0 == 0 }
        let peer = try Peer(martlet.address, from: Peer.neighbour)
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try peer.reply().status == 200)
        #expect(try martlet.stop() == 0)
    }

    /// Connects until a connection is closed at once.
    private func refuse(_ martlet: MartletInstance) throws {
        for _ in 0..<1_000
        where try Peer.isRefused(at: martlet.address, within: .milliseconds(100)) {
            let refused = "martlet_limits_total{listener=\"127.0.0.1:0\",limit=\"memory\"}"
            #expect(try martlet.metric(refused) >= 1)
            return
        }
        throw TestFailure("nobody is refused")
    }
}
