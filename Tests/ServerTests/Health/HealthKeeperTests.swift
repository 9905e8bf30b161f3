import Config
import Platform
import Proxy
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Server

struct HealthKeeperTests {
    /// A keeper, and a mailbox as a worker has one.
    private struct Setup {
        let board = StandingBoard()
        let worker: Mailbox<WorkerMessage>
        let keeper: HealthKeeper
        let registry = MetricsRegistry()

        init() throws {
            worker = try Mailbox<WorkerMessage>()
            board.connect([worker])
            let sink = try LogSink(destination: .file("/dev/null"))
            keeper = try HealthKeeper(
                board: board,
                journal: HealthJournal(
                    events: EventLog(sink: sink, minimum: .error), registry: registry),
                descriptors: 1024)
        }

        func group(_ servers: [(String, SocketAddress)]) -> HealthGroup {
            var check = HealthConfig()
            check.interval = .milliseconds(100)
            return HealthGroup(
                backend: "b",
                servers: servers.map { name, address in
                    HealthSubject(
                        label: registry.server(backend: "b", server: name), backend: "b",
                        name: name, address: address)
                }, check: check, outliers: OutlierConfig())
        }

        /// Waits until the worker has been told so of a server.
        func wait(_ server: ServerLabel, until condition: (ServerStanding) -> Bool) throws {
            let deadline = MonotonicTime.now() + .seconds(60)
            while true {
                for case .standings(let standings) in worker.drain() {
                    if let standing = standings[server], condition(standing) { return }
                }
                guard MonotonicTime.now() < deadline else { throw TestFailure("not told") }
                _ = Poll.wait([worker.rawDescriptor], timeout: .seconds(1))
            }
        }
    }

    @Test("What checks and workers find is told to workers, and the thread ends when it is told")
    func told() throws {
        let setup = try Setup()
        let isWell = Mutex(true)
        let origin = try Origin { connection in
            _ = connection.readHead()
            let status = isWell.withLock(\.self) ? "200 OK" : "503 No"
            connection.send("HTTP/1.1 \(status)\r\nContent-Length: 0\r\n\r\n")
        }
        let file = try TemporaryFolder()
        let socket = SocketAddress.unix(file.path("s"))
        let other = try Origin(at: socket) { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 204 No Content\r\n\r\n")
        }
        let group = setup.group([("s", origin.address), ("t", other.address)])
        setup.keeper.follow([group])
        let server = group.servers[0].label
        try setup.wait(server) { !$0.isCheckedDown }
        isWell.withLock { $0 = false }
        try setup.wait(server) { $0.isCheckedDown }
        #expect(setup.board.standing(of: server).isCheckedDown)
        #expect(setup.board.status(backend: "b", server: "s")?.state == .down)
        #expect(setup.board.status(backend: "b", server: "t")?.state == .up)
        isWell.withLock { $0 = true }
        try setup.wait(server) { !$0.isCheckedDown && $0.risenAt != nil }
        #expect(other.heads.first?.contains("\r\nHost: localhost\r\n") == true)
        let report = OutlierReport(
            server: server, cause: .consecutiveFailures, failures: 5, requests: 5)
        setup.keeper.reports.post(report)
        try setup.wait(server) { !$0.accepts(now: MonotonicTime.now()) }
        setup.keeper.stop()
        setup.keeper.stop()
    }

    @Test("Without anything to look after there is no thread, and it ends all the same")
    func nothing() throws {
        let setup = try Setup()
        var group = setup.group([("s", .ipv4(0x7f00_0001, port: 1))])
        group.check = nil
        group.outliers = nil
        setup.keeper.follow([group])
        setup.keeper.stop()
        #expect(setup.worker.drain().isEmpty)
    }
}
