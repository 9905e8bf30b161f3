import Bytes
import Config
import HTTP
import Platform
import Synchronization
import TLS
import Telemetry
import TestSupport

@testable import Proxy

/// One real worker on a thread of its own, serving what a test installs on ports that the kernel
/// chose.
final class RunningWorker: Sendable {
    /// One site of a test: its hosts, its certificate and the servers behind it.
    struct Site {
        var hosts = ["localhost"]
        var credential: Credential?
        var servers: [SocketAddress] = []
    }

    /// What is installed: a plain listener, or one with TLS where a site has a certificate.
    struct Setup {
        var sites: [Site] = [Site()]
        var redirectPort: UInt16?
        var timeouts = TimeoutConfig()
        var change: (inout RuntimeSettings) -> Void = { _ in }
    }

    let registry = MetricsRegistry()
    /// Which generations were let go, in their order.
    let released = Mutex<[UInt64]>([])
    private let mailbox: Mailbox<WorkerMessage>
    private let reports: Mailbox<WorkerReport>
    private let sink: LogSink
    private let thread: Thread
    private let seen = Mutex<[WorkerReport]>([])

    /// Starts a worker that serves nothing yet.
    init() throws {
        mailbox = try Mailbox()
        reports = try Mailbox()
        sink = try LogSink(destination: .file("/dev/null"))
        let plan = WorkerPlan(
            index: 0, processor: nil, mailbox: mailbox, reports: reports, registry: registry,
            events: EventLog(sink: sink, minimum: .error))
        thread = try plan.start()
    }

    /// Starts a worker that serves one plain site in front of `servers`.
    static func plain(
        _ servers: SocketAddress..., timeouts: TimeoutConfig = TimeoutConfig(),
        change: @escaping (inout RuntimeSettings) -> Void = { _ in }
    ) throws -> (worker: RunningWorker, address: SocketAddress) {
        let worker = try RunningWorker()
        let setup = Setup(sites: [Site(servers: servers)], timeouts: timeouts, change: change)
        let listener = try RunningWorker.listen()
        try worker.install(setup, on: listener)
        return (worker, listener.address)
    }

    /// Opens a listener on a port that the kernel chooses.
    static func listen() throws -> ListenerSocket {
        let wanted = SocketAddress.ipv4(0x7f00_0001, port: 0)
        let socket = try Socket.listen(on: wanted, reusePort: true, backlog: 128)
        let address = socket.localAddress() ?? wanted
        return ListenerSocket(socket, address: address)
    }

    /// Lets the worker serve by `setup`, and waits until it says that it does.
    func install(_ setup: Setup, on listener: ListenerSocket, generation: UInt64 = 1) throws {
        mailbox.post(
            .install(
                try snapshot(setup, at: listener.address, generation), sockets: [listener],
                accessLog: nil))
        try wait(for: .installed(worker: 0, generation: generation))
    }

    private func snapshot(
        _ setup: Setup, at address: SocketAddress, _ generation: UInt64
    ) throws -> RuntimeSnapshot {
        let credentials = setup.sites.map { $0.credential.map { [$0] } ?? [] }
        let store = CredentialStore(
            sites: setup.sites.enumerated().map { index, site in
                .init(hosts: site.hosts, credentials: credentials[index], index: index)
            }, defaultSite: nil, rejectsUnknownHosts: false)
        var context: TLSContext?
        if setup.sites.contains(where: { $0.credential != nil }) {
            context = try TLSContext(
                store: store, policy: .intermediate, alpn: ["http/1.1"], ticketKeys: TicketKeys())
        }
        let plan = ListenerPlan(
            address: address, label: registry.listener("test"), tls: context,
            redirectPort: setup.redirectPort)
        return RuntimeSnapshot(
            generation: generation, listeners: [plan], hosts: store,
            sites: setup.sites.enumerated().map { index, site in
                SitePlan(
                    name: site.hosts[0], label: registry.site(site.hosts[0]),
                    routes: RouteTable(site.servers.isEmpty ? [] : [(path: "/", group: index)]))
            },
            groups: setup.sites.enumerated().map { index, site in
                UpstreamGroup(
                    name: "group\(index)",
                    servers: site.servers.map { server in
                        ServerPlan(
                            name: "\(server)", address: server,
                            label: registry.server(backend: "group\(index)", server: "\(server)"))
                    })
            }, settings: settings(setup)
        ) { [self] generation in released.withLock { $0.append(generation) } }
    }

    private func settings(_ setup: Setup) -> RuntimeSettings {
        var settings = RuntimeSettings(
            timeouts: setup.timeouts, requestLimits: MessageLimits(),
            responseLimits: MessageLimits(),
            forwarding: ForwardingRules(ForwardingConfig()))
        setup.change(&settings)
        return settings
    }

    /// Tells the worker something.
    func post(_ message: WorkerMessage) { mailbox.post(message) }

    /// Waits until the worker has reported this.
    func wait(for report: WorkerReport, atMost seconds: Int64 = 20) throws {
        try wait(atMost: seconds) { $0 == report }
    }

    /// Waits until the worker has reported something of this kind.
    func wait(atMost seconds: Int64 = 20, _ isWanted: (WorkerReport) -> Bool) throws {
        let deadline = MonotonicTime.now() + .seconds(seconds)
        while !seen.withLock({ $0.contains(where: isWanted) }) {
            let now = MonotonicTime.now()
            guard now < deadline else { throw TestFailure("the worker did not report in time") }
            _ = Poll.wait([reports.rawDescriptor], timeout: deadline - now)
            let fresh = reports.drain()
            seen.withLock { $0 += fresh }
        }
    }

    /// Stops the worker and waits for its thread.
    func stop() throws {
        mailbox.post(.stop)
        try wait { if case .stopped = $0 { true } else { false } }
        thread.join()
        sink.flushAndStop()
    }

    /// Looks again and again, until the counts of a server are as wanted.
    func waitForServer(
        _ server: SocketAddress, group: Int = 0, atMost seconds: Int64 = 10,
        _ isWanted: ((active: Int, idle: Int)) -> Bool
    ) throws {
        let key = "group\(group)\0\(server)"
        try Deadline.wait(atMost: seconds, "counts of \(server): \(registry.serverTotals())") {
            let counts = registry.serverTotals()[key]
            return isWanted((counts?.active ?? 0, counts?.idle ?? 0))
        }
    }

    /// Looks again and again, until so many connections of clients are open.
    func waitForConnections(_ count: Int, atMost seconds: Int64 = 10) throws {
        try Deadline.wait(atMost: seconds, "\(count) connections, not \(registry.totals())") {
            registry.totals().connectionsActive == count
        }
    }
}

/// Waiting for what nobody announces, with an end.
enum Deadline {
    /// Looks again and again, until `condition` holds.
    static func wait(
        atMost seconds: Int64, _ text: @autoclosure () -> String, until condition: () -> Bool
    ) throws {
        let deadline = MonotonicTime.now() + .seconds(seconds)
        while !condition() {
            guard MonotonicTime.now() < deadline else {
                throw TestFailure("not in time: \(text())")
            }
            _ = Poll.wait([], timeout: .milliseconds(5))
        }
    }
}
