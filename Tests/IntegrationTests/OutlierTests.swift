import Platform
import TestSupport
import Testing

/// Servers that are left out because of how they answer requests.
@Suite struct OutlierTests {
    private static func ejections(_ address: SocketAddress) -> String {
        "martlet_upstream_ejections_total{backend=\"api\",server=\"\(address)\","
            + "cause=\"consecutive_failures\"}"
    }

    /// Sends requests until something has been logged so often.
    private func press(_ martlet: MartletInstance, until text: String, count: Int = 1) throws {
        try Patience.until(text) {
            _ = try martlet.request("/")
            return martlet.process.errors.all.filter { $0.contains(text) }.count >= count
        }
    }

    @Test(
        "A server that fails requests in a row is left out by all workers, then comes back",
        arguments: [CheckedOrigin.status(503), .closes, .resets, .answers("garbage\r\n\r\n")])
    func ejection(mode: CheckedOrigin.Mode) throws {
        let (good, bad) = (try CheckedOrigin("one"), try CheckedOrigin("two"))
        let martlet = try HealthTests.start(
            [good.address, bad.address],
            "outliers: { consecutive_failures: 3, ejection: 2s, max_ejection: 1h }")
        bad.traffic(mode)
        try press(martlet, until: " upstream.server_ejected ")
        #expect(try martlet.metric(OutlierTests.ejections(bad.address)) == 1)
        let line = try martlet.process.errors.wait(for: " upstream.server_ejected ")
        #expect(line.contains("server=\(bad.address)"))
        #expect(line.contains("requests in a row have failed"))
        // For that it must be let back in, which is told, and fail again.
        let ejected = MonotonicTime.now()
        try martlet.process.errors.wait(for: " upstream.server_readmitted ", atMost: 60)
        try press(martlet, until: " upstream.server_ejected ", count: 2)
        // Who stays in as long as it was out has that forgotten: a machine may be so slow.
        let shortest = MonotonicTime.now() - ejected < .seconds(3.9) ? 4000 : 2000
        let again = try martlet.process.errors.wait(for: " upstream.server_ejected ", count: 2)
        let time = try #require(again.firstMatch(of: /milliseconds=(\d+)/).flatMap { Int($0.1) })
        #expect((shortest...4400).contains(time))
        bad.traffic(.well)
        try martlet.process.errors.wait(for: " upstream.server_readmitted ", count: 2, atMost: 60)
        try Patience.until("both serve") { try HealthTests.names(martlet) == ["one", "two"] }
        #expect(try martlet.stop() == 0)
    }

    @Test("Where all servers fail, half of them stay")
    func share() throws {
        let origins = try (0..<4).map { try CheckedOrigin("\($0)") }
        for origin in origins { origin.traffic(CheckedOrigin.status(503)) }
        let martlet = try HealthTests.start(
            origins.map(\.address),
            "outliers: { consecutive_failures: 2, ejection: 1h, max_ejection: 1h }")
        try press(martlet, until: " upstream.server_ejected ", count: 2)
        let before = origins.map(\.requests)
        for _ in 0..<40 { #expect(try martlet.request("/").status == 503) }
        let ejected = try origins.reduce(0.0) {
            try $0 + martlet.metric(OutlierTests.ejections($1.address))
        }
        #expect(ejected == 2)
        #expect(zip(origins, before).count(where: { $0.requests > $1 }) == 2)
    }

    @Test("A share of failures is enough where the configuration says so")
    func rate() throws {
        let (good, bad) = (try CheckedOrigin("one"), try CheckedOrigin("two"))
        let martlet = try HealthTests.start(
            [good.address, bad.address],
            "outliers: { consecutive_failures: 100000, error_rate: 90, ejection: 1h, "
                + "max_ejection: 1h }")
        bad.traffic(CheckedOrigin.status(502))
        try press(martlet, until: " upstream.server_ejected ")
        #expect(martlet.process.errors.text.contains("requests have failed"))
        #expect(try HealthTests.names(martlet, 10) == ["one"])
        #expect(try martlet.ask("/status").body.contains("\"state\": \"ejected\""))
    }

    @Test("Failures leave a server where nobody asked for more, and 500 is no failure")
    func off() throws {
        let (good, bad) = (try CheckedOrigin("one"), try CheckedOrigin("two"))
        bad.traffic(CheckedOrigin.status(500))
        let martlet = try HealthTests.start(
            [good.address, bad.address], "outliers: { consecutive_failures: 2 }")
        for _ in 0..<20 { _ = try martlet.request("/") }
        #expect(bad.requests >= 8)
        #expect(try martlet.metric(OutlierTests.ejections(bad.address)) == 0)
        let plain = try HealthTests.start([good.address, bad.address], "outliers: off")
        bad.traffic(CheckedOrigin.status(503))
        let before = bad.requests
        for _ in 0..<20 { _ = try plain.request("/") }
        #expect(bad.requests >= before + 8)
    }
}
