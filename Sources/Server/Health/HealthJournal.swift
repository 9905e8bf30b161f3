internal import Platform
internal import Telemetry

/// Where the health of servers is told: the event log and the metrics. Any thread.
struct HealthJournal: Sendable {
    let events: EventLog
    let registry: MetricsRegistry

    /// Only these backends and servers are of interest from now on.
    func keep(_ groups: [HealthGroup]) {
        let labels = groups.flatMap { $0.servers.map(\.label) }
        registry.updateHealth { facts in
            facts.keep(labels, backends: groups.map(\.backend))
            for group in groups where group.panicThreshold > 0 {
                facts.panics[group.backend] = facts.panics[group.backend] ?? false
            }
        }
    }

    /// Takes note of what a server has come to.
    func settled(_ record: HealthRecord) {
        registry.updateHealth { facts in
            facts[record.subject.label].isUp = record.check == nil ? nil : record.counter.isUp
            facts[record.subject.label].isEjected = record.ejectedUntil != nil
        }
    }

    /// Counts a check.
    func checked(_ subject: HealthSubject, _ result: HealthCheckResult) {
        registry.updateHealth { $0[subject.label].checks[result, default: 0] += 1 }
    }

    /// The thread could not be made: nothing is checked.
    func failed(_ error: SystemError) {
        events.emit(
            .error, .internalError,
            ("text", .text("servers are not checked, and count as up: \(error)")))
    }

    /// Tells what has happened.
    func tell(_ change: HealthChange) {
        switch change {
        case .up(let subject, let checks, let share):
            events.emit(
                .info, .serverUp, ("backend", .text(subject.backend)),
                ("server", .text(subject.name)), ("checks_passed", .int(checks)),
                ("servers_up", .int(share.well)), ("servers", .int(share.all)))
        case .down(let subject, let checks, let cause, let share):
            events.emit(
                share.well == 0 ? .error : .warning, .serverDown,
                ("backend", .text(subject.backend)), ("server", .text(subject.name)),
                ("cause", .text(cause)), ("checks_failed", .int(checks)),
                ("servers_up", .int(share.well)), ("servers", .int(share.all)))
        case .ejected(let subject, let cause, let failures, let requests, let time, let share):
            registry.updateHealth { $0[subject.label].ejections[cause, default: 0] += 1 }
            let text =
                cause == .consecutiveFailures
                ? "\(failures) requests in a row have failed"
                : "\(failures) of \(requests) requests have failed"
            events.emit(
                .warning, .serverEjected, ("backend", .text(subject.backend)),
                ("server", .text(subject.name)), ("cause", .text(text)),
                ("milliseconds", .int(Int(time.wholeNanoseconds / 1_000_000))),
                ("servers_up", .int(share.well)), ("servers", .int(share.all)))
        case .readmitted(let subject, let share):
            events.emit(
                .info, .serverReadmitted, ("backend", .text(subject.backend)),
                ("server", .text(subject.name)), ("servers_up", .int(share.well)),
                ("servers", .int(share.all)))
        case .panic(let backend, let isInPanic, let share):
            registry.updateHealth { $0.panics[backend] = isInPanic }
            events.emit(
                isInPanic ? .error : .info, .upstreamPanic, ("backend", .text(backend)),
                ("state", .text(isInPanic ? "begun" : "over")),
                (
                    "text",
                    .text(
                        isInPanic
                            ? "fewer servers than panic_threshold are well: all are used"
                            : "enough servers are well: only they are used")
                ), ("servers_up", .int(share.well)), ("servers", .int(share.all)))
        }
    }
}
