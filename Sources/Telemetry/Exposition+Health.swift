extension Exposition {
    /// Writes how checks of servers ended, how often servers were ejected, and which backends are
    /// in panic.
    mutating func append(health facts: HealthFacts) {
        let servers = facts.servers.sorted { $0.key < $1.key }
        let checks = "martlet_health_checks_total"
        head(checks, "Health checks of a server, by result.", .counter)
        for (number, server) in servers where server.isUp != nil {
            for result in HealthCheckResult.allCases {
                line(
                    checks, serverLabels(Int(number)) + [("result", "\(result.label)")],
                    "\(server.checks[result] ?? 0)")
            }
        }
        let ejections = "martlet_upstream_ejections_total"
        head(ejections, "How often a server was left out for its failures, by cause.", .counter)
        for (number, server) in servers {
            for cause in EjectionCause.allCases {
                guard let count = server.ejections[cause] else { continue }
                line(
                    ejections, serverLabels(Int(number)) + [("cause", "\(cause.label)")],
                    "\(count)")
            }
        }
        let panic = "martlet_upstream_panic"
        head(panic, "1 while fewer servers than panic_threshold are well and all are used.", .gauge)
        for (backend, isInPanic) in facts.panics.sorted(by: { $0.key < $1.key }) {
            line(panic, [("backend", backend)], isInPanic ? "1" : "0")
        }
    }
}
