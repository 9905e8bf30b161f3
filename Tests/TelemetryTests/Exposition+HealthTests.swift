import Platform
import Testing

@testable import Telemetry

struct ExpositionHealthTests {
    @Test("Checks, ejections and panic are written with their labels, for servers that have them")
    func series() throws {
        let registry = MetricsRegistry()
        let checked = registry.server(backend: "b", server: "checked")
        let other = registry.server(backend: "b", server: "other")
        registry.updateHealth { facts in
            facts[checked].isUp = true
            facts[checked].checks[.status] = 3
            facts[other].ejections[.errorRate] = 2
            facts.panics = ["b": true, "c": false]
        }
        let text = String(decoding: registry.render(.prometheus), as: UTF8.self)
        for line in [
            "martlet_health_checks_total{backend=\"b\",server=\"checked\",result=\"passed\"} 0",
            "martlet_health_checks_total{backend=\"b\",server=\"checked\",result=\"status\"} 3",
            "martlet_upstream_ejections_total{backend=\"b\",server=\"other\","
                + "cause=\"error_rate\"} 2",
            "martlet_upstream_panic{backend=\"b\"} 1", "martlet_upstream_panic{backend=\"c\"} 0",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
        #expect(!text.contains("martlet_health_checks_total{backend=\"b\",server=\"other\""))
    }
}
