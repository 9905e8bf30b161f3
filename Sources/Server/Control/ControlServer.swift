internal import Platform
internal import Synchronization

/// A small blocking HTTP/1.1 server for the control plane: a fixed pool of threads, one request per
/// connection.
///
/// It serves the admin endpoint and the demo backend, never traffic of clients; simplicity and
/// bounds come before speed. Each thread waits for the listening socket and for the signal to stop,
/// accepts, and handles one request to its end.
final class ControlServer: Sendable {
    /// The address that is bound; a port of 0 has become the one that the kernel chose.
    let address: SocketAddress

    /// Invariant: nil once `stop()` was called; the last reference to the loop closes its socket.
    private let running: Mutex<Running?>

    /// What exists while the server runs.
    private struct Running {
        let loop: ControlLoop
        let threads: [Thread]
        /// Goes with the listening socket.
        let file: SocketFile?
    }

    /// Binds `address` and starts to serve; `handler` is called by several threads at once.
    ///
    /// - Throws: what binding the address or starting the threads came to.
    init(
        address: SocketAddress, limits: ControlLimits = ControlLimits(),
        handler: @escaping @Sendable (ControlRequest) -> ControlResponse
    ) throws(SystemError) {
        let listener = try Socket.listen(on: address, reusePort: false, backlog: 128)
        self.address = listener.localAddress() ?? address
        let loop = try ControlLoop(listener: listener, limits: limits, handler: handler)
        let threads = try ControlServer.start(limits.threads, on: loop)
        running = Mutex(Running(loop: loop, threads: threads, file: SocketFile(address)))
    }

    deinit { stop() }

    /// Stops accepting, gives up requests that are still being read, lets handlers return, and
    /// joins the threads and closes the address.
    ///
    /// Must not be called by a handler: a thread cannot wait for itself.
    func stop() {
        let stopped = running.withLock { running in
            defer { running = nil }
            return running
        }
        guard let stopped else { return }
        stopped.loop.stop()
        for thread in stopped.threads { thread.join() }
    }

    /// Lets the threads end, without waiting for them; what `stop()` does is left to do.
    func beginStop() { running.withLock { $0?.loop.stop() } }

    /// True exactly when every thread has ended or is about to, so that `stop()` does not wait.
    var hasEnded: Bool { running.withLock { $0?.loop.activeThreads ?? 0 } == 0 }

    /// Starts all the threads, or none.
    private static func start(_ count: Int, on loop: ControlLoop) throws(SystemError) -> [Thread] {
        var threads: [Thread] = []
        do {
            for number in 0..<count {
                threads.append(try Thread.start(name: "control-\(number)", cpu: nil) { loop.run() })
            }
        } catch {
            loop.stop()
            for thread in threads { thread.join() }
            throw error
        }
        return threads
    }
}
