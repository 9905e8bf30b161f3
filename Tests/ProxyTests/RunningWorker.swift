import Config
import Platform
import Synchronization
import Telemetry
import TestSupport

@testable import Proxy

/// One real worker on a thread of its own, serving what a test installs on ports that the kernel
/// chose. Its clock goes forward when the test says so.
final class RunningWorker: Sendable {
    /// What is installed at present.
    private struct Installed {
        let snapshot: RuntimeSnapshot
        let listener: ListenerSocket
    }

    let registry = MetricsRegistry()
    /// Which generations were let go, in their order.
    let released = Mutex<[UInt64]>([])
    let clock: WorkerClock
    private let mailbox: Mailbox<WorkerMessage>
    private let reports: Mailbox<WorkerReport>
    private let sink: LogSink
    private let accessLog: LogSink?
    private let thread: Thread
    private let seen = Mutex<[WorkerReport]>([])
    private let installed = Mutex<Installed?>(nil)

    /// Starts a worker that serves nothing yet.
    ///
    /// - Parameters:
    ///   - accessLog: the file of its access log; nil for none.
    ///   - isClockStopped: time passes only where the test says so.
    init(accessLog: String? = nil, isClockStopped: Bool = false) throws {
        self.accessLog = try accessLog.map { try LogSink(destination: .file($0)) }
        clock = WorkerClock(stoppedAt: isClockStopped ? MonotonicTime.now() : nil)
        mailbox = try Mailbox()
        reports = try Mailbox()
        sink = try LogSink(destination: .file("/dev/null"))
        var plan = WorkerPlan(
            index: 0, processor: nil, mailbox: mailbox, reports: reports, registry: registry,
            events: EventLog(sink: sink, minimum: .error))
        plan.clock = clock
        thread = try plan.start()
    }

    /// Starts a worker that serves one plain site in front of `servers`.
    static func plain(
        _ servers: SocketAddress..., timeouts: TimeoutConfig = TimeoutConfig(),
        speaks: BackendProtocol = .http1,
        change: @escaping (inout RuntimeSettings) -> Void = { _ in }
    ) throws -> (worker: RunningWorker, address: SocketAddress) {
        let worker = try RunningWorker()
        let setup = WorkerSetup(
            sites: [.init(servers: servers, speaks: speaks)], timeouts: timeouts, change: change)
        let listener = try WorkerSetup.listen()
        try worker.install(setup, on: listener)
        return (worker, listener.address)
    }

    /// Starts a worker that serves one plain site in front of servers that are held to `policy`.
    static func serving(
        _ servers: [SocketAddress], _ policy: BackendPolicy,
        timeouts: TimeoutConfig = TimeoutConfig(), speaks: BackendProtocol = .http1,
        isClockStopped: Bool = false
    ) throws -> (worker: RunningWorker, address: SocketAddress) {
        let worker = try RunningWorker(isClockStopped: isClockStopped)
        let setup = WorkerSetup(
            sites: [.init(servers: servers, speaks: speaks, policy: policy)], timeouts: timeouts)
        let listener = try WorkerSetup.listen()
        try worker.install(setup, on: listener)
        return (worker, listener.address)
    }

    /// Lets the worker serve by `setup`, and waits until it says that it does.
    func install(_ setup: WorkerSetup, on listener: ListenerSocket, generation: UInt64 = 1) throws {
        let snapshot = try setup.snapshot(registry, at: listener.address, generation: generation) {
            [self] generation in released.withLock { $0.append(generation) }
        }
        try install(Installed(snapshot: snapshot, listener: listener))
    }

    private func install(_ next: Installed) throws {
        let count = installCount + 1
        installed.withLock { $0 = next }
        mailbox.post(.install(next.snapshot, sockets: [next.listener], accessLog: accessLog))
        try wait("serving generation \(next.snapshot.generation)") { installCount == count }
    }

    private var installCount: Int {
        seen.withLock { $0.count { if case .installed = $0 { true } else { false } } }
    }

    /// Moves the worker's clock, and returns when it has acted on that.
    func advance(by duration: Duration) throws {
        clock.advance(by: duration)
        // It reports before it looks at its timers: the second report comes behind that.
        try settle()
        try settle()
    }

    /// Returns when the worker has gone through a whole turn, or most of it.
    func settle() throws {
        guard let present = installed.withLock({ $0 }) else { return }
        try install(present)
    }

    /// Tells the worker something.
    func post(_ message: WorkerMessage) { mailbox.post(message) }

    private func wait(_ text: String, until isDone: () -> Bool) throws {
        let deadline = MonotonicTime.now() + .seconds(30)
        while !isDone() {
            let now = MonotonicTime.now()
            guard now < deadline else { throw TestFailure("the worker did not report \(text)") }
            _ = Poll.wait([reports.rawDescriptor], timeout: deadline - now)
            let fresh = reports.drain()
            seen.withLock { $0 += fresh }
        }
    }

    /// Waits until the worker has left its loop, and returns how many connections it cut off.
    func waitForStop() throws -> Int {
        var aborted = 0
        try wait("its end") {
            seen.withLock {
                for case .stopped(_, let count) in $0 {
                    aborted = count
                    return true
                }
                return false
            }
        }
        return aborted
    }

    /// Stops the worker and waits for its thread.
    func stop() throws {
        mailbox.post(.stop)
        _ = try waitForStop()
        thread.join()
        sink.flushAndStop()
        accessLog?.flushAndStop()
    }

    /// Looks again and again, until the counts of a server are as wanted.
    func waitForServer(
        _ server: SocketAddress, group: Int = 0, active: Int, idle: Int
    ) throws {
        let key = "group\(group)\0\(server)"
        try Deadline.wait("\(active), \(idle) of \(server): \(registry.serverTotals())") {
            let counts = registry.serverTotals()[key]
            return (counts?.active ?? 0, counts?.idle ?? 0) == (active, idle)
        }
    }

    /// The sum of the samples of a metric that have this value for a label.
    func sample(_ name: String, _ value: String) throws -> Int {
        String(decoding: registry.render(.prometheus), as: UTF8.self)
            .split(separator: "\n")
            .filter { $0.hasPrefix("\(name){") && $0.contains("\"\(value)\"") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
            .reduce(0, +)
    }

    /// How many requests wait for the first backend.
    var queued: Int { get throws { try sample("martlet_upstream_queue", "group0") } }

    /// Looks again and again, until so many requests wait for the first backend.
    func waitForQueue(_ count: Int) throws {
        try Deadline.wait("\(count) in the line") { try queued == count }
    }

    /// How often a limit was reached.
    func limits(_ limit: String) throws -> Int { try sample("martlet_limits_total", limit) }

    /// How many requests have been accounted for.
    var requestCount: UInt64 { registry.totals().requests }

    /// Looks again and again, until so many connections of clients are open.
    func waitForConnections(_ count: Int) throws {
        try Deadline.wait("\(count) connections, not \(registry.totals())") {
            registry.totals().connectionsActive == count
        }
    }
}

/// Waiting for what nobody announces, with an end.
enum Deadline {
    /// Looks again and again, until `condition` holds.
    static func wait(
        _ text: @autoclosure () -> String, until condition: () throws -> Bool
    ) throws {
        let deadline = MonotonicTime.now() + .seconds(30)
        while try !condition() {
            guard MonotonicTime.now() < deadline else {
                throw TestFailure("not in time: \(text())")
            }
            _ = Poll.wait([], timeout: .milliseconds(5))
        }
    }
}
