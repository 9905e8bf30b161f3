import Platform
import Synchronization
import Testing

@testable import Telemetry

@Suite("Metrics registry")
struct MetricsRegistryTests {
    private let registry = MetricsRegistry()

    private func text() throws -> ExpositionText {
        try ExpositionText(registry.render(.prometheus))
    }

    private func time(_ seconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: seconds * 1_000_000_000)
    }

    @Test("What two workers count is summed")
    func sums() throws {
        let listener = registry.listener("l")
        let server = registry.server(backend: "b", server: "s")
        for count in [3, 4] {
            var metrics = registry.makeWorkerMetrics()
            for _ in 0..<count {
                metrics.connectionOpened(listener)
                metrics.handshakeCompleted(
                    listener, version: 0x0304, resumption: .full, duration: .milliseconds(1))
                metrics.requestFinished(
                    site: nil, version: .http11, method: 0, status: 200, duration: .zero,
                    bytesIn: 0, bytesOut: 0)
                metrics.upstreamRequest(server)
            }
            metrics.connectionClosed(listener)
        }
        let text = try text()
        #expect(text["martlet_connections_total", ["listener": "l"]] == 7)
        #expect(text["martlet_connections_active", ["listener": "l"]] == 5)
        #expect(
            text[
                "martlet_tls_handshake_duration_seconds_count",
                ["listener": "l", "resumption": "full"]] == 7)
        #expect(registry.totals() == (connectionsActive: 5, requests: 7, handshakes: 7))
        #expect(registry.serverTotals()["b\0s"]?.requests == 7)
    }

    // A connection to a server that one worker opened may be given back by none other, but a gauge
    // may still be below zero in one worker's cells.
    @Test("A gauge that one worker raised and another lowered is the difference")
    func gauges() {
        let server = registry.server(backend: "b", server: "s")
        var one = registry.makeWorkerMetrics()
        var other = registry.makeWorkerMetrics()
        one.upstreamIdle(server, by: 5)
        other.upstreamIdle(server, by: -2)
        #expect(registry.serverTotals()["b\0s"]?.idle == 3)
    }

    @Test("A reader never sees a count fall or a histogram contradict itself while workers write")
    func concurrentReader() throws {
        let registry = self.registry
        let rounds = 100_000
        let running = Atomic<Int>(2)
        let threads = try (0..<2).map { _ in
            try Thread.start(name: "test", cpu: nil) {
                var metrics = registry.makeWorkerMetrics()
                let sites = (0..<50).map { registry.site("site-\($0)") }
                for round in 0..<rounds {
                    metrics.requestFinished(
                        site: sites[round * 50 / rounds], version: .http11, method: 0, status: 200,
                        duration: .microseconds(round), bytesIn: 0, bytesOut: 1)
                }
                running.subtract(1, ordering: .releasing)
            }
        }
        var before: [String: Double] = [:]
        while running.load(ordering: .acquiring) > 0 {
            check(try text(), &before)
        }
        for thread in threads { thread.join() }
        check(try text(), &before)
        #expect(registry.totals().requests == UInt64(2 * rounds))
    }

    private func check(_ text: ExpositionText, _ before: inout [String: Double]) {
        let name = "martlet_http_request_duration_seconds"
        for count in text.series(name + "_count") {
            let site = count.labels["site"] ?? ""
            let buckets = text.series(name + "_bucket").filter { $0.labels["site"] == site }
                .map(\.value)
            #expect(zip(buckets, buckets.dropFirst()).allSatisfy { $0 <= $1 })
            #expect(buckets.last == count.value)
            #expect(count.value >= before[site] ?? 0)
            before[site] = count.value
        }
    }

    @Test("Reloads, generation, limit and build are told as they were said")
    func control() throws {
        registry.countReload(succeeded: true)
        registry.countReload(succeeded: false)
        registry.countReload(succeeded: false)
        registry.setGeneration(7, lastSuccess: WallTime(seconds: 1_795_231_751))
        registry.setConnectionLimit(512)
        registry.setMemoryLimit(1 << 30)
        registry.setBuild([("version", "1.2.3"), ("revision", "abc")])
        let text = try text()
        #expect(text["martlet_config_reloads_total", ["result": "success"]] == 1)
        #expect(text["martlet_config_reloads_total", ["result": "failure"]] == 2)
        #expect(text["martlet_config_generation"] == 7)
        #expect(text["martlet_config_last_success_timestamp_seconds"] == 1_795_231_751)
        #expect(text["martlet_connections_limit"] == 512)
        #expect(text["martlet_memory_limit_bytes"] == Double(1 << 30))
        #expect(text["martlet_build_info", ["version": "1.2.3", "revision": "abc"]] == 1)
        #expect(text["martlet_metrics_series_dropped_total"] == 0)
    }
}

/// Which servers are said to be up.
extension MetricsRegistryTests {
    private func isUp(_ server: String) throws -> Bool? {
        let value = try text()["martlet_upstream_up", ["backend": "b", "server": server]]
        #expect(value == nil || registry.serverTotals()["b\0\(server)"]?.isUp == (value == 1))
        return value.map { $0 == 1 }
    }

    @Test("A server that nobody has tried is up")
    func untried() throws {
        #expect(try isUp("s") == nil)
        registry.replaceServers([registry.server(backend: "b", server: "s")], now: time(1))
        #expect(try isUp("s") == true)
    }

    @Test("A server is down from when it refuses until it takes a connection")
    func refused() throws {
        let server = registry.server(backend: "b", server: "s")
        let other = registry.server(backend: "b", server: "other")
        registry.replaceServers([server, other], now: time(1))
        var metrics = registry.makeWorkerMetrics()
        metrics.upstreamTried(server, isUp: false, now: time(2))
        #expect(try isUp("s") == false)
        #expect(try isUp("other") == true)
        metrics.upstreamTried(server, isUp: true, now: time(3))
        #expect(try isUp("s") == true)
    }

    @Test("Of several workers the one that tried last decides")
    func latest() throws {
        let server = registry.server(backend: "b", server: "s")
        registry.replaceServers([server], now: time(1))
        var one = registry.makeWorkerMetrics()
        var other = registry.makeWorkerMetrics()
        one.upstreamTried(server, isUp: true, now: time(2))
        other.upstreamTried(server, isUp: false, now: time(3))
        #expect(try isUp("s") == false)
        one.upstreamTried(server, isUp: true, now: time(4))
        #expect(try isUp("s") == true)
        one.upstreamTried(server, isUp: false, now: time(5))
        other.upstreamTried(server, isUp: true, now: time(5))
        #expect(try isUp("s") == true)
    }

    @Test("Where a server is checked, its checks decide; who is ejected is down")
    func checked() throws {
        let server = registry.server(backend: "b", server: "s")
        registry.replaceServers([server], now: time(1))
        var metrics = registry.makeWorkerMetrics()
        metrics.upstreamTried(server, isUp: false, now: time(2))
        registry.updateHealth { $0[server].isUp = true }
        #expect(try isUp("s") == true)
        registry.updateHealth { $0[server].isEjected = true }
        #expect(try isUp("s") == false)
        registry.updateHealth {
            $0[server].isEjected = false
            $0[server].isUp = false
        }
        metrics.upstreamTried(server, isUp: true, now: time(3))
        #expect(try isUp("s") == false)
        registry.updateHealth { $0.keep([], backends: []) }
        #expect(try isUp("s") == true)
    }

    @Test("A server that a reload removed is told no more; one that stayed keeps its state")
    func reloaded() throws {
        let gone = registry.server(backend: "b", server: "gone")
        let kept = registry.server(backend: "b", server: "kept")
        registry.replaceServers([gone, kept], now: time(1))
        var metrics = registry.makeWorkerMetrics()
        metrics.upstreamTried(gone, isUp: false, now: time(2))
        metrics.upstreamTried(kept, isUp: false, now: time(2))
        registry.replaceServers([kept], now: time(3))
        #expect(try isUp("gone") == nil)
        #expect(try isUp("kept") == false)
        // It comes back: what was known of it then says nothing of now.
        registry.replaceServers([kept, gone], now: time(4))
        #expect(try isUp("gone") == true)
        #expect(try isUp("kept") == false)
        metrics.upstreamTried(gone, isUp: false, now: time(4))
        #expect(try isUp("gone") == false)
    }
}
