public import Platform

/// A worker's way to the event log: so many lines a second of each name, and how many were left
/// out.
///
/// Worker only. What a peer can cause can never fill a disk.
public final class WorkerEvents {
    private struct Budget {
        var second: Int64 = 0
        var written = 0
        var suppressed = 0
    }

    private let log: EventLog
    private var budgets: [EventName: Budget] = [:]

    private let failures: HandshakeFailureRing

    /// Writes to `log`, and handshakes that failed into `failures`.
    public init(log: EventLog, failures: HandshakeFailureRing) {
        self.log = log
        self.failures = failures
    }

    /// Writes an event, if there is room for it.
    public func sample(
        _ level: EventLevel, _ name: EventName, now: MonotonicTime,
        _ text: @autoclosure () -> String
    ) {
        if admits(level, name, now: now) { log.emit(level, name, ("text", .text(text()))) }
    }

    /// Takes note of a handshake that failed, if there is room for it: as an event line, and in the
    /// ring that `/status` shows.
    public func handshakeFailed(
        _ record: @autoclosure () -> HandshakeFailureRecord, client: SocketAddress,
        now: MonotonicTime
    ) {
        guard hasRoom(.debug, .handshakeFailed, now: now) else { return }
        let record = record()
        failures.append(record)
        var fields: [(StaticString, EventValue)] = [
            ("reason", .text(record.reason)), ("client", .text("\(client)")),
        ]
        if let serverName = record.serverName { fields.append(("server_name", .text(serverName))) }
        if !record.offeredVersions.isEmpty {
            fields.append(("offered", .text(record.offeredVersions.joined(separator: ","))))
        }
        if let alert = record.alert { fields.append(("alert", .int(Int(alert)))) }
        log.emit(.debug, .handshakeFailed, fields: fields)
    }

    /// Writes that a server failed a request, if there is room for it.
    public func upstreamFailed(
        server: String, reason: StaticString, detail: String, now: MonotonicTime
    ) {
        guard admits(.warning, .upstreamFailed, now: now) else { return }
        var fields: [(StaticString, EventValue)] = [
            ("server", .text(server)), ("reason", .text("\(reason)")),
        ]
        if !detail.isEmpty { fields.append(("detail", .text(detail))) }
        log.emit(.warning, .upstreamFailed, fields: fields)
    }

    /// Writes that a request met a limit of its backend, once a second at most.
    public func upstreamLimited(
        backend: String, _ limit: BackendLimitLabel, now: MonotonicTime
    ) {
        guard admits(.warning, .upstreamLimited, now: now, linesPerSecond: 1) else { return }
        log.emit(
            .warning, .upstreamLimited, ("backend", .text(backend)),
            ("limit", .text("\(limit.label)")))
    }

    /// Writes that an address is held to a limit, if there is room for it: whom a limit hits has to
    /// be seen without looking for it, so it is no debug line, and comes once a second at most.
    public func clientLimited(_ client: SocketAddress, _ limit: LimitLabel, now: MonotonicTime) {
        guard admits(.info, .clientLimited, now: now, linesPerSecond: 1) else { return }
        log.emit(
            .info, .clientLimited, ("limit", .text("\(limit.label)")),
            ("client", .text("\(client)")))
    }

    /// True exactly when the level is written at all and there is room for one more line of this
    /// name now; also says how many were left out before.
    private func admits(
        _ level: EventLevel, _ name: EventName, now: MonotonicTime,
        linesPerSecond: Int = WorkerEvents.linesPerSecond
    ) -> Bool {
        log.writes(level) && hasRoom(level, name, now: now, linesPerSecond: linesPerSecond)
    }

    private func hasRoom(
        _ level: EventLevel, _ name: EventName, now: MonotonicTime,
        linesPerSecond: Int = WorkerEvents.linesPerSecond
    ) -> Bool {
        var budget = budgets[name] ?? Budget()
        defer { budgets[name] = budget }
        let second = now.nanoseconds / 1_000_000_000
        if second != budget.second {
            if budget.suppressed > 0 {
                log.emit(level, name, ("suppressed", .int(budget.suppressed)))
            }
            budget = Budget(second: second)
        }
        guard budget.written < linesPerSecond else {
            budget.suppressed += 1
            return false
        }
        budget.written += 1
        return true
    }

    /// How many lines of each name are written within one second.
    static let linesPerSecond = 10
}
