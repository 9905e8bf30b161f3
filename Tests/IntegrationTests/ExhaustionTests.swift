import Foundation
import Platform
import TestSupport
import Testing

/// More clients than there may be.
@Suite struct ExhaustionTests {
    /// Connects without waiting for anything to be served.
    private func waiting(_ martlet: MartletInstance) throws -> Peer {
        let peer = try Peer(martlet.address)
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return peer
    }

    private static let plain = "  - { address: \"127.0.0.1:0\", tls: false }\n"

    @Test("Out of descriptors, it goes on serving, rests, and accepts again within a second")
    func descriptors() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), listeners: ExhaustionTests.plain,
            more: "workers: 1\nlimits: { connections: 1000, connections_per_address: 1000 }",
            wrapper: ["sh", "-c", "ulimit -n 80; exec \"$@\"", "sh"])
        let first = try waiting(martlet)
        #expect(try first.reply().status == 200)
        var others: [Peer] = []
        for _ in 0..<80 { others.append(try Peer(martlet.address)) }
        try martlet.process.errors.wait(for: "worker.descriptors_exhausted")
        let before = try martlet.process.cpuSeconds()
        _ = Poll.wait([], timeout: .seconds(1))
        #expect(try martlet.process.cpuSeconds() - before < 0.2)
        try first.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try first.reply().status == 200)
        let late = try waiting(martlet)
        others.removeAll()
        let begun = MonotonicTime.now()
        #expect(try late.reply().status == 200)
        #expect(MonotonicTime.now() - begun < .seconds(1))
    }

    @Test("Connections beyond the limit wait in the kernel's queue until another ends")
    func limit() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), listeners: ExhaustionTests.plain,
            more: "workers: 1\nlimits: { connections: 3, connections_per_address: 100 }")
        var served = try (0..<3).map { _ in try waiting(martlet) }
        for peer in served { #expect(try peer.reply().status == 200) }
        let fourth = try waiting(martlet)
        try martlet.process.errors.wait(for: "worker.connection_limit_reached")
        #expect(!fourth.hasInput(within: .milliseconds(300)))
        served.removeLast()
        #expect(try fourth.reply().status == 200)
        let refused = "martlet_connections_refused_total{listener=\"127.0.0.1:0\",reason=\"limit\"}"
        #expect(try martlet.metric(refused) >= 1)
        let limit = "martlet_limits_total{listener=\"127.0.0.1:0\",limit=\"connections\"}"
        #expect(try martlet.metric(limit) >= 1)
    }

    @Test("One address has at most its share; the others are not touched by it")
    func perAddress() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), listeners: ExhaustionTests.plain,
            more: "workers: 1\nlimits: { connections: 100, connections_per_address: 3 }")
        let served = try (0..<3).map { _ in try waiting(martlet) }
        for peer in served { #expect(try peer.reply().status == 200) }
        #expect(try Peer.isRefused(at: martlet.address))
        let refused =
            "martlet_connections_refused_total{listener=\"127.0.0.1:0\",reason=\"address_limit\"}"
        #expect(try martlet.metric(refused) == 1)
        let limit =
            "martlet_limits_total{listener=\"127.0.0.1:0\",limit=\"connections_per_address\"}"
        #expect(try martlet.metric(limit) == 1)
        try martlet.process.errors.wait(for: "client.limited limit=connections_per_address")
        let other = try RunningProcess.run(
            "curl",
            [
                "-sS", "--noproxy", "*", "--interface", "127.0.0.9", "-H", "Host: localhost",
                "http://\(martlet.address)/",
            ])
        #expect(other.output.contains("GET / HTTP/1.1"), "\(other.errors)")
    }
}
