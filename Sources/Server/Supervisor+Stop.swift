internal import Certificates
internal import Config
internal import Platform
internal import Proxy
internal import Telemetry

extension Supervisor {
    /// Accepts nothing more, lets exchanges end, and stops when they have or when the deadline
    /// passes.
    func drain() {
        isStopping = true
        state.update { $0.isReady = false }
        let patience = config.timeouts.drain
        drainDeadline = MonotonicTime.now() + patience
        events.emit(.info, .serverDraining, ("deadline", .text("\(patience)")))
        crew.drain(until: MonotonicTime.now() + patience)
        listeners = ListenerSet()
    }

    /// Stops at once.
    func stopNow() {
        isStopping = true
        state.update { $0.isReady = false }
        crew.stop()
    }

    /// Opens the log files anew, after they were moved aside.
    func reopenLogs() {
        eventSink.reopen()
        accessSink?.reopen()
        events.emit(.info, .logReopened)
    }

    /// Says once per turn how many lines could not be written, if there are more than before.
    func reportLostLines() {
        let lost = registry.lostLines.count
        guard lost > reportedLostLines else { return }
        events.emit(.warning, .logDropped, ("lines", .int(Int(lost - reportedLostLines))))
        reportedLostLines = lost
    }

    /// The last things: threads, admin endpoint, logs.
    func finish() {
        stapleKeeper.stop()
        crew.join()
        admin?.stop()
        events.emit(.info, .serverStopped, ("aborted", .int(crew.aborted)))
        accessSink?.flushAndStop()
        eventSink.flushAndStop()
    }
}
