import Platform
import Testing

@testable import Telemetry

@Suite("Worker metrics")
final class WorkerMetricsTests {
    private let registry = MetricsRegistry()
    private var metrics: WorkerMetrics
    private let listener: ListenerLabel

    init() {
        metrics = registry.makeWorkerMetrics()
        listener = registry.listener(":443")
    }

    private func text() throws -> ExpositionText {
        try ExpositionText(registry.render(.prometheus))
    }

    @Test("A connection counts once and is active until it is closed")
    func connections() throws {
        metrics.connectionOpened(listener)
        metrics.connectionOpened(listener)
        metrics.connectionClosed(listener)
        let text = try text()
        #expect(text["martlet_connections_total", ["listener": ":443"]] == 2)
        #expect(text["martlet_connections_active", ["listener": ":443"]] == 1)
    }

    @Test("A refusal has its reason", arguments: RefusalReason.allCases)
    func refusals(reason: RefusalReason) throws {
        metrics.connectionRefused(listener, reason: reason)
        let series = try text().series("martlet_connections_refused_total")
        #expect(series.map(\.labels) == [["listener": ":443", "reason": "\(reason.label)"]])
    }

    @Test(
        "A handshake has its version and how it came to its keys",
        arguments: [(UInt16(0x0303), "TLSv1.2"), (0x0304, "TLSv1.3")], Resumption.allCases)
    func handshakes(version: (code: UInt16, label: String), resumption: Resumption) throws {
        metrics.handshakeCompleted(
            listener, version: version.code, resumption: resumption, duration: .milliseconds(1))
        let text = try text()
        let labels = ["listener": ":443", "resumption": resumption.label]
        #expect(
            text[
                "martlet_tls_handshakes_total",
                labels.merging(["version": version.label]) { $1 }] == 1)
        #expect(text["martlet_tls_handshake_duration_seconds_count", labels] == 1)
        #expect(text["martlet_tls_handshake_duration_seconds_sum", labels] == 0.001)
    }

    @Test("Early data is counted by what became of it", arguments: EarlyDataResult.allCases)
    func earlyData(result: EarlyDataResult) throws {
        for _ in 0..<2 { metrics.earlyDataOffered(listener, result: result) }
        let series = try text().series("martlet_tls_early_data_total")
        #expect(series.map(\.labels) == [["listener": ":443", "result": "\(result.label)"]])
        #expect(series.map(\.value) == [2])
    }

    @Test("Failed handshakes are counted by reason")
    func failures() throws {
        for reason in ["timeout", "unknown_host", "timeout"] {
            metrics.handshakeFailed(listener, reason: reason)
        }
        let name = "martlet_tls_handshake_failures_total"
        let text = try text()
        #expect(text[name, ["listener": ":443", "reason": "timeout"]] == 2)
        #expect(text[name, ["listener": ":443", "reason": "unknown_host"]] == 1)
    }

    @Test(
        "A request counts under its site, protocol, method and status",
        arguments: [
            (RequestVersion.http10, "HTTP/1.0"), (.http11, "HTTP/1.1"), (.http2, "HTTP/2"),
        ],
        [(UInt8(0), "GET"), (2, "POST"), (9, "other"), (200, "other")])
    func requests(
        version: (value: RequestVersion, label: String), method: (index: UInt8, label: String)
    ) throws {
        metrics.requestFinished(
            site: registry.site("a"), version: version.value, method: method.index, status: 404,
            duration: .zero, bytesIn: 3, bytesOut: 5)
        let text = try text()
        let labels = [
            "site": "a", "protocol": version.label, "method": method.label, "code": "404",
        ]
        #expect(text["martlet_http_requests_total", labels] == 1)
        #expect(text["martlet_http_bytes_total", ["site": "a", "direction": "in"]] == 3)
        #expect(text["martlet_http_bytes_total", ["site": "a", "direction": "out"]] == 5)
    }

    @Test("A request for no site counts all the same, and no bytes make no series")
    func noSite() throws {
        metrics.requestFinished(
            site: nil, version: .http11, method: 0, status: 421, duration: .seconds(-1),
            bytesIn: 0, bytesOut: 0)
        let text = try text()
        let labels = ["site": "", "protocol": "HTTP/1.1", "method": "GET", "code": "421"]
        #expect(text["martlet_http_requests_total", labels] == 1)
        #expect(text["martlet_http_request_duration_seconds_sum", ["site": ""]] == 0)
        #expect(text.series("martlet_http_bytes_total").isEmpty)
    }

    @Test("Servers have requests, failures by reason, and connections")
    func servers() throws {
        let server = registry.server(backend: "b", server: "s")
        let labels = ["backend": "b", "server": "s"]
        metrics.upstreamRequest(server)
        metrics.upstreamActive(server, by: 3)
        metrics.upstreamActive(server, by: -1)
        metrics.upstreamIdle(server, by: 1)
        for reason in UpstreamFailureReason.allCases {
            metrics.upstreamFailed(server, reason: reason)
        }
        metrics.staleEvent()
        let text = try text()
        #expect(text["martlet_upstream_requests_total", labels] == 1)
        #expect(text["martlet_upstream_connections_active", labels] == 2)
        #expect(text["martlet_upstream_connections_idle", labels] == 1)
        for reason in UpstreamFailureReason.allCases {
            let labels = labels.merging(["reason": "\(reason.label)"]) { $1 }
            #expect(text["martlet_upstream_failures_total", labels] == 1)
        }
        #expect(text["martlet_stale_events_total"] == 1)
    }
}
