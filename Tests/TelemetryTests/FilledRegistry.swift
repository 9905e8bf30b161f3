import Platform

@testable import Telemetry

/// A registry in which every family has series.
enum FilledRegistry {
    static func make() -> MetricsRegistry {
        let registry = MetricsRegistry()
        let servers = ["10.0.0.1:80", "10.0.0.2:80"].map {
            registry.server(backend: "pool", server: $0)
        }
        registry.replaceServers(servers, now: MonotonicTime(nanoseconds: 1))
        registry.replaceCertificates([
            CertificateFact(owner: .site("a.example"), serial: "01ff", notAfter: 1_800_000_000)
        ])
        registry.replaceRevocationLists([.site("a.example"): 1_800_000_000])
        registry.updateDiscovery {
            $0.servers = ["pool": 2]
            $0.count(.addresses, .success)
        }
        registry.updateHealth { facts in
            facts[servers[0]].isUp = true
            for result in HealthCheckResult.allCases { facts[servers[0]].checks[result] = 1 }
            for cause in EjectionCause.allCases { facts[servers[0]].ejections[cause] = 1 }
            facts.panics["pool"] = true
        }
        registry.countReload(succeeded: true)
        registry.setGeneration(2, lastSuccess: WallTime(seconds: 1_795_231_751))
        registry.setConnectionLimit(1000)
        registry.setBuild([("version", "1.2.3"), ("openssl", "OpenSSL 3.0.19")])
        var metrics = registry.makeWorkerMetrics()
        fill(&metrics, registry, servers)
        return registry
    }

    private static func fill(
        _ metrics: inout WorkerMetrics, _ registry: MetricsRegistry, _ servers: [ServerLabel]
    ) {
        let listener = registry.listener("0.0.0.0:443")
        metrics.connectionOpened(listener)
        metrics.connectionRefused(listener, reason: .limit)
        metrics.handshakeFailed(listener, reason: "unknown_host")
        metrics.nameSuite(0x1301, "TLS_AES_128_GCM_SHA256", on: listener)
        metrics.nameGroup(29, "x25519", on: listener)
        for resumption in Resumption.allCases {
            metrics.handshakeCompleted(
                listener, version: 0x0304, resumption: resumption, duration: .milliseconds(3))
        }
        for result in EarlyDataResult.allCases {
            metrics.earlyDataOffered(listener, result: result)
        }
        for version in RequestVersion.allCases {
            metrics.requestFinished(
                site: registry.site("a.example"), version: version, method: 0, status: 200,
                duration: .milliseconds(7), bytesIn: 1, bytesOut: 2)
        }
        for server in servers {
            metrics.upstreamRequest(server)
            metrics.upstreamActive(server, by: 1)
            metrics.upstreamIdle(server, by: 1)
        }
        for reason in UpstreamFailureReason.allCases {
            metrics.upstreamFailed(servers[0], reason: reason)
        }
        for cause in RetryLabel.allCases { metrics.upstreamRetried(servers[0], cause: cause) }
        let backend = registry.backend("pool")
        for limit in BackendLimitLabel.allCases { metrics.backendLimitReached(backend, limit) }
        metrics.upstreamQueued(backend, by: 1)
        metrics.upstreamTried(servers[0], isUp: false, now: MonotonicTime(nanoseconds: 2))
        for result in TCPResult.allCases {
            metrics.tcpEnded(registry.site("a.example"), result: result)
        }
        metrics.tcpMoved(registry.site("a.example"), bytesIn: 1, bytesOut: 2)
        metrics.staleEvent()
        metrics.http2Failed(listener, HTTP2ErrorLabel(code: 1))
        for limit in LimitLabel.allCases { metrics.limitReached(listener, limit) }
    }
}
