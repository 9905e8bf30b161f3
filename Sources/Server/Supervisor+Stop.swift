internal import Certificates
internal import Config
internal import Platform
internal import Proxy
internal import Telemetry

extension Supervisor {
    /// True exactly when a signal has come that ends the process, and has not been read yet:
    /// nothing is waited for any more, and nothing new is served.
    static var isToEnd: Bool { SignalDescriptor.isPending(Signal.endings) }

    /// Accepts nothing more, lets exchanges end, and stops when they have or when the deadline
    /// passes.
    func drain() {
        isStopping = true
        state.update { $0.isReady = false }
        let patience = config.timeouts.drain
        drainDeadline = MonotonicTime.now() + patience
        events.emit(.info, .serverDraining, ("deadline", .text("\(patience)")))
        // Socket files go while the sockets are open, so that no successor's is taken for them.
        listeners = ListenerSet()
        crew.drain(until: MonotonicTime.now() + patience)
    }

    /// Stops at once.
    func stopNow() {
        isStopping = true
        state.update { $0.isReady = false }
        listeners = ListenerSet()
        crew.stop()
    }

    /// Opens the log files anew, after they were moved aside; one that cannot be opened does not
    /// keep the other.
    func reopenLogs() {
        let hasEvents = reopen(eventSink, fixed.eventTarget)
        let hasAccess = reopen(accessSink, config.accessLog?.target)
        if hasEvents, hasAccess { events.emit(.info, .logReopened) }
    }

    /// False where the log cannot be opened anew.
    private func reopen(_ sink: LogSink?, _ target: LogTarget?) -> Bool {
        if case .file(let path) = target {
            do throws(SystemError) {
                // The writer opens it a moment later, and could not tell anybody.
                _ = try AppendFile(path: path)
            } catch {
                events.emit(
                    .error, .internalError,
                    ("text", .text("cannot reopen a log, so it goes on in the old file: \(error)")))
                return false
            }
        }
        sink?.reopen()
        return true
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
        health.stop()
        crew.join()
        former.release(present: snapshot)
        stopAdmin()
        events.emit(.info, .serverStopped, ("aborted", .int(crew.aborted)))
        accessSink?.stop()
        eventSink.stop()
    }
}
