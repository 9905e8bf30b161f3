internal import Platform
internal import Synchronization

/// What the threads of a `ControlServer` share: the listening socket, the signal to stop, and the
/// handler.
final class ControlLoop: Sendable {
    private let listener: Socket
    private let stopping: EventDescriptor
    private let limits: ControlLimits
    private let handler: @Sendable (ControlRequest) -> ControlResponse

    /// How many `run()` have not returned.
    private let active: Atomic<Int>

    /// Takes over a listening socket, for `limits.threads` threads to run.
    init(
        listener: consuming Socket, limits: ControlLimits,
        handler: @escaping @Sendable (ControlRequest) -> ControlResponse
    ) throws(SystemError) {
        stopping = try EventDescriptor()
        active = Atomic(limits.threads)
        self.listener = listener
        self.limits = limits
        self.handler = handler
    }

    /// Makes every `run()` return; the signal is never drained, so that all threads see it.
    ///
    /// The address is free at once, even while a thread still answers.
    func stop() {
        stopping.signal()
        listener.shutdownBoth()
    }

    /// How many threads have not ended.
    var activeThreads: Int { active.load(ordering: .acquiring) }

    /// Serves one connection after the other until `stop()`.
    func run() {
        defer { active.subtract(1, ordering: .releasing) }
        let stopDescriptor = stopping.rawDescriptor
        while true {
            let ready = Poll.wait([listener.rawDescriptor, stopDescriptor], timeout: nil)
            if ready[1] { return }
            guard ready[0] else { continue }
            switch listener.accept() {
            case .accepted(let socket, let client):
                var connection = ControlConnection(
                    socket: socket, client: client, limits: limits, stopDescriptor: stopDescriptor,
                    listener: listener.rawDescriptor)
                connection.serve(handler)
            case .wouldBlock:
                continue
            default:
                // Out of descriptors, the connection stays in the queue: polling again would spin.
                _ = Poll.wait([stopDescriptor], timeout: ControlLoop.pause)
            }
        }
    }

    private static let pause = Duration.milliseconds(100)
}
