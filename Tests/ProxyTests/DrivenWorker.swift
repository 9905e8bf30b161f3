import Bytes
import Config
import Platform
import Telemetry
import TestSupport

@testable import Proxy

/// A worker without a thread: the test turns its loop, so that it can let several things happen
/// between two turns, and look at what the worker holds.
final class DrivenWorker {
    var worker: Worker
    let address: SocketAddress
    let registry = MetricsRegistry()
    private let clock: WorkerClock

    /// Makes a worker that serves one plain site in front of `server`.
    convenience init(
        _ server: SocketAddress, speaks: BackendProtocol = .http1,
        change: @escaping (inout RuntimeSettings) -> Void = { _ in }
    ) throws {
        try self.init(
            WorkerSetup(sites: [.init(servers: [server], speaks: speaks)], change: change))
    }

    /// Makes a worker that serves by `setup`.
    ///
    /// - Parameter isClockStopped: time passes only where the test says so.
    init(_ setup: WorkerSetup, isClockStopped: Bool = false) throws {
        clock = WorkerClock(stoppedAt: isClockStopped ? MonotonicTime.now() : nil)
        let mailbox = try Mailbox<WorkerMessage>()
        var plan = WorkerPlan(
            index: 0, processor: nil, mailbox: mailbox, reports: try Mailbox(), registry: registry,
            events: EventLog(
                sink: try LogSink(destination: .file("/dev/null")), minimum: .error))
        plan.clock = clock
        worker = try Worker(plan)
        let listener = try WorkerSetup.listen()
        address = listener.address
        let snapshot = try setup.snapshot(registry, at: address, generation: 1) { _ in }
        mailbox.post(.install(snapshot, sockets: [listener], accessLog: nil))
        turn()
    }

    /// Lets the worker serve something else, and nothing happen beside.
    func install(_ setup: WorkerSetup, on listener: ListenerSocket, generation: UInt64) throws {
        let snapshot = try setup.snapshot(
            registry, at: listener.address, generation: generation
        ) { _ in }
        worker.plan.mailbox.post(.install(snapshot, sockets: [listener], accessLog: nil))
        worker.drainMailbox()
    }

    /// Turns the loop once, without waiting.
    func turn() { worker.turn(until: worker.now) }

    /// Turns the loop until `condition` holds.
    func turn(_ text: String, until condition: () throws -> Bool) throws {
        try Deadline.wait(text) {
            turn()
            return try condition()
        }
    }

    /// Moves the clock, and turns the loop once.
    func advance(by duration: Duration) {
        clock.advance(by: duration)
        turn()
    }

    /// Turns the loop until the client has something to read.
    func turn(untilInputFor peer: Peer) throws {
        try turn("an answer") { peer.hasInput(within: .zero) }
    }

    /// True exactly when the server takes no more of the request for now.
    var isUpstreamFull: Bool { upstream?.phase == .busy && upstream?.canWrite == false }

    /// The only connection to a server.
    var upstream: UpstreamConnection? { worker.upstreams.element(at: 0) }
}
