import Foundation
import Platform
import TestSupport
import Testing

@testable import Telemetry

@Suite("Exposition")
struct ExpositionTests {
    private let registry = FilledRegistry.make()

    private func text(_ format: ExpositionFormat) throws -> ExpositionText {
        try ExpositionText(registry.render(format))
    }

    @Test("Every family is there, with its type and its help", arguments: MetricFamily.allCases)
    func families(family: MetricFamily) throws {
        let text = try text(.prometheus)
        #expect(text.types[family.name] == family.kind.rawValue)
        #expect(text.helps[family.name] == family.help)
        #expect(text.samples.contains { $0.family == family.name })
    }

    @Test("Each sample stands below the head of its family", arguments: [false, true])
    func grouped(openMetrics: Bool) throws {
        let text = try text(openMetrics ? .openMetrics : .prometheus)
        for sample in text.samples {
            let suffixes =
                switch try #require(text.types[sample.family]) {
                case "counter": openMetrics ? ["_total"] : [""]
                case "histogram": ["_bucket", "_sum", "_count"]
                default: [""]
                }
            #expect(suffixes.contains { sample.name == sample.family + $0 }, "\(sample)")
        }
        let identities = text.samples.map { "\($0.name) \($0.labels.sorted { $0.key < $1.key })" }
        #expect(Set(identities).count == identities.count)
    }

    @Test("A counter's samples end with _total; OpenMetrics names its family without")
    func counterNames() throws {
        let prometheus = try text(.prometheus)
        let openMetrics = try text(.openMetrics)
        #expect(prometheus.types["martlet_connections_total"] == "counter")
        #expect(openMetrics.types["martlet_connections"] == "counter")
        #expect(openMetrics.types["martlet_connections_total"] == nil)
        for text in [prometheus, openMetrics] {
            let counters = text.samples.filter { text.types[$0.family] == "counter" }
            #expect(counters.count > 10)
            #expect(counters.allSatisfy { $0.name.hasSuffix("_total") })
        }
    }

    @Test("OpenMetrics ends with # EOF, the older format does not know it")
    func end() throws {
        #expect(try text(.openMetrics).isEnded)
        #expect(try !text(.prometheus).isEnded)
    }

    @Test("The content type names the format's version")
    func contentTypes() {
        #expect(
            ExpositionFormat.prometheus.contentType == "text/plain; version=0.0.4; charset=utf-8")
        #expect(
            ExpositionFormat.openMetrics.contentType
                == "application/openmetrics-text; version=1.0.0; charset=utf-8")
    }

    @Test(
        "A label's value comes back as it was, whatever is in it",
        arguments: [
            "plain", "a\"b", "a\\b", "a\nb", "\\n", "\\", "\"", "", "a,b=\"c\"}", "é ü", "a b",
        ])
    func escaping(value: String) throws {
        let registry = MetricsRegistry()
        var metrics = registry.makeWorkerMetrics()
        metrics.connectionOpened(registry.listener(value))
        for format in [ExpositionFormat.prometheus, .openMetrics] {
            let text = try ExpositionText(registry.render(format))
            #expect(text["martlet_connections_total", ["listener": value]] == 1)
        }
    }

    @Test("Buckets are cumulative, and the last is the count")
    func histogram() throws {
        let registry = MetricsRegistry()
        var metrics = registry.makeWorkerMetrics()
        let site = registry.site("a")
        let durations: [Duration] = [
            .zero, .milliseconds(1), .microseconds(1_001), .seconds(60), .seconds(61),
        ]
        for duration in durations {
            metrics.requestFinished(
                site: site, version: .http11, method: 0, status: 200, duration: duration,
                bytesIn: 0, bytesOut: 0)
        }
        let text = try ExpositionText(registry.render(.prometheus))
        let name = "martlet_http_request_duration_seconds"
        let buckets = text.series(name + "_bucket")
        #expect(buckets.map(\.value) == [2] + Array(repeating: 3, count: 12) + [4, 5])
        let bounds = buckets.compactMap { $0.labels["le"].flatMap(Double.init) }
        #expect(bounds.count == buckets.count)
        #expect(bounds == bounds.sorted())
        #expect(buckets.last?.labels == ["site": "a", "le": "+Inf"])
        #expect(text[name + "_count", ["site": "a"]] == 5)
        #expect(text[name + "_sum", ["site": "a"]] == 121.002001)
    }

    @Test("A certificate that several files repeat is told once for each site and each backend")
    func certificates() throws {
        let facts = [
            CertificateFact(owner: .site("a"), serial: "1", notAfter: 100),
            CertificateFact(owner: .site("a"), serial: "1", notAfter: 100),
            CertificateFact(owner: .site("a"), serial: "2", notAfter: 200),
            CertificateFact(owner: .site("b"), serial: "1", notAfter: 100),
            CertificateFact(owner: .backend("a"), serial: "1", notAfter: 300),
        ]
        registry.replaceCertificates(facts)
        let name = "martlet_tls_certificate_not_after_timestamp_seconds"
        let text = try text(.prometheus)
        #expect(text.series(name).count == 4)
        #expect(text[name, ["site": "a", "serial": "2"]] == 200)
        #expect(text[name, ["backend": "a", "serial": "1"]] == 300)
        registry.replaceCertificates([])
        #expect(try self.text(.prometheus).series(name).isEmpty)
    }

    @Test("The first revocation list of a site to be renewed is told, and no site without one")
    func revocationLists() throws {
        let name = "martlet_tls_crl_next_update_timestamp_seconds"
        registry.replaceRevocationLists([.backend("a"): 300, .site("b"): 200, .site("a"): 100])
        let text = try text(.prometheus)
        #expect(text.series(name).map(\.value) == [100, 200, 300])
        #expect(text[name, ["site": "a"]] == 100 && text[name, ["site": "b"]] == 200)
        #expect(text[name, ["backend": "a"]] == 300)
        registry.replaceRevocationLists([:])
        #expect(try self.text(.prometheus).series(name).isEmpty)
    }

    @Test("Whether a certificate is warned of is judged when it is asked for")
    func expiryWarning() throws {
        let facts = [
            CertificateFact(owner: .site("a"), serial: "1", notAfter: 1_000),
            CertificateFact(owner: .site("b"), serial: "2", notAfter: 2_000),
        ]
        registry.replaceCertificates(facts, warnedBefore: 100)
        let expected: [(now: Int64, values: [Double])] = [
            (900, [0, 0]), (901, [1, 0]), (1_000, [1, 0]), (1_900, [1, 0]), (1_901, [1, 1]),
        ]
        for (now, values) in expected {
            let bytes = registry.render(.prometheus, now: WallTime(seconds: now))
            let text = try ExpositionText(bytes)
            let series = text.series("martlet_tls_certificate_expiry_warning")
            #expect(series.map(\.value) == values, "\(now)")
        }
    }

    @Test("What every process tells by convention is there and makes sense")
    func process() throws {
        let text = try text(.prometheus)
        for name in [
            "process_cpu_seconds_total", "process_resident_memory_bytes",
            "process_virtual_memory_bytes", "process_open_fds", "process_max_fds",
            "process_start_time_seconds", "process_threads",
        ] {
            #expect(try #require(text[name]) > 0, "\(name)")
        }
        let now = Double(WallTime.now().seconds)
        #expect(try #require(text["process_start_time_seconds"]) <= now + 1)
    }

    @Test("promtool finds nothing to complain of", .enabled(if: ExpositionTests.hasPromtool))
    func promtool() throws {
        let text = String(decoding: registry.render(.prometheus), as: UTF8.self)
        let result = try RunningProcess.run("promtool", ["check", "metrics"], input: text)
        #expect(result.code == 0)
        #expect(result.output == "")
        #expect(result.errors == "")
    }

    private static var hasPromtool: Bool {
        ["/usr/bin", "/usr/local/bin"].contains {
            FileManager.default.isExecutableFile(atPath: $0 + "/promtool")
        }
    }
}
