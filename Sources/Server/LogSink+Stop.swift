internal import Platform
internal import Telemetry

extension LogSink {
    /// Writes what waits and ends the writer, but waits for that no longer than `patience`: a pipe
    /// that nobody reads must not keep the control thread.
    func stop(within patience: Duration = .seconds(2)) {
        guard let done = try? EventDescriptor() else { return }
        let stopping = try? Thread.start(name: "log-stop", cpu: nil) {
            self.flushAndStop()
            done.signal()
        }
        guard let stopping else { return }
        if Poll.wait([done.rawDescriptor], timeout: patience)[0] { stopping.join() }
    }
}
