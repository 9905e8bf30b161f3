import Testing

@testable import Telemetry

@Suite("Labels")
struct LabelsTests {
    // Dashboards and alerts name these values.
    @Test("The values of each label are stable")
    func values() {
        #expect(Resumption.allCases.map(\.label) == ["full", "ticket", "early_data"])
        #expect(
            RequestVersion.allCases.map { "\($0.label)" } == [
                "HTTP/1.0", "HTTP/1.1", "HTTP/2", "TCP",
            ])
        #expect(
            UpstreamFailureReason.allCases.map { "\($0.label)" }
                == [
                    "connect", "connect_timeout", "closed", "timeout", "malformed", "refused",
                    "reset", "certificate_expired", "host_name_mismatch", "unknown_authority",
                    "pin_mismatch", "certificate_revoked", "crl_unusable", "certificate_invalid",
                    "handshake",
                ])
        #expect(
            RefusalReason.allCases.map { "\($0.label)" }
                == [
                    "limit", "address_limit", "descriptors", "address_rate", "memory",
                    "untrusted_proxy", "proxy_header",
                ])
        #expect(
            LimitLabel.allCases.map { "\($0.label)" } == [
                "request_head", "request_fields", "request_body", "slow_head", "slow_body",
                "slow_reader", "requests_per_connection", "connections", "connections_per_address",
                "connection_rate", "handshake_rate", "request_rate", "memory", "key_updates",
                "tiny_records", "h2_streams", "h2_header_list", "h2_resets", "h2_settings",
                "h2_pings", "h2_priorities", "h2_empty_data", "h2_continuations",
                "h2_window_updates", "h2_window_stall", "h2_unknown_frames", "h2_late_frames",
            ])
        #expect(
            HealthCheckResult.allCases.map { "\($0.label)" } == [
                "passed", "connect", "handshake", "timeout", "closed", "malformed", "status",
                "body",
            ])
        #expect(
            EjectionCause.allCases.map { "\($0.label)" } == [
                "consecutive_failures", "error_rate",
            ])
        #expect(
            EarlyDataResult.allCases.map { "\($0.label)" } == ["accepted", "replayed", "refused"])
        let faults: [Fault] = [.none, .client, .upstream, .internal]
        #expect(faults.map { "\($0.label)" } == ["", "client", "upstream", "internal"])
    }

    @Test("Methods have their own label up to the last; what is beyond is other")
    func methods() {
        #expect(MethodLabel.name(0) == "GET")
        #expect(MethodLabel.name(MethodLabel.all.count - 1) == "other")
        #expect(MethodLabel.name(MethodLabel.all.count) == "other")
        #expect(MethodLabel.name(255) == "other")
    }

    @Test("A label is the same wherever the name is met again")
    func interned() {
        let registry = MetricsRegistry()
        #expect(registry.site("a") == registry.site("a"))
        #expect(registry.site("a") != registry.site("b"))
        #expect(registry.listener("a") == registry.listener("a"))
        let server = registry.server(backend: "b", server: "s")
        #expect(server == registry.server(backend: "b", server: "s"))
        #expect(server != registry.server(backend: "c", server: "s"))
    }
}
