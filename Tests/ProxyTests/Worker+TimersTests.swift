import Bytes
import Config
import Foundation
import Platform
import TLS
import Telemetry
import TestSupport
import Testing

@testable import Proxy

/// Every wait ends, and none before its time. The clock is the worker's own, and moved.
@Suite("Worker+Timers", .serialized)
struct WorkerTimersTests {
    static let get = head("GET / HTTP/1.1", "Host: localhost")
    /// So long that no machine is slow enough to reach it by itself.
    static let long = Duration.seconds(1_000)
    static let almost = Duration.seconds(900)
    static let rest = Duration.seconds(101)

    /// Deadlines of which all but one never come.
    private func timeouts(_ path: WritableKeyPath<TimeoutConfig, Duration>) -> TimeoutConfig {
        let never = Duration.seconds(1_000_000)
        var timeouts = TimeoutConfig(
            handshake: never, requestHead: never, requestBody: never, keepAlive: never,
            responseWrite: never, upstreamConnect: never, upstreamFirstByte: never,
            upstreamBetweenBytes: never, upstreamIdle: never, tunnelIdle: never)
        timeouts[keyPath: path] = WorkerTimersTests.long
        return timeouts
    }

    @Test("A handshake has its time, however its bytes come")
    func handshake() throws {
        let pair = try TestAuthority().issue("localhost")
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        try worker.install(
            WorkerSetup(
                sites: [.init(credential: credential)], timeouts: timeouts(\.handshake)),
            on: listener)
        let peer = try Peer(listener.address)
        try peer.sendRaw([22, 3].span)
        try worker.waitForConnections(1)
        try worker.advance(by: WorkerTimersTests.almost)
        try peer.sendRaw([1].span)
        try worker.settle()
        #expect(!peer.hasInput(within: .zero))
        try worker.advance(by: WorkerTimersTests.rest)
        #expect(try peer.receiveAll() == "")
        try worker.stop()
    }

    @Test("A head has its time from its first byte, however its bytes come", arguments: [0, 1])
    func requestHead(earlier: Int) throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts(\.requestHead))
        let peer = try Peer(address)
        for _ in 0..<earlier {
            try peer.send(WorkerTimersTests.get)
            #expect(try peer.reply().status == 200)
            try worker.advance(by: WorkerTimersTests.almost)
        }
        try peer.send("GET / HTTP/1.1\r\nHost: local")
        try worker.waitForConnections(1)
        try worker.settle()
        try worker.advance(by: WorkerTimersTests.almost)
        try peer.send("ho")
        try worker.settle()
        #expect(!peer.hasInput(within: .zero))
        try worker.advance(by: WorkerTimersTests.rest)
        #expect(try peer.reply().status == 408)
        #expect(try peer.receiveAll() == "")
        try worker.stop()
    }

    @Test("A connection may be idle for its time")
    func keepAlive() throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts(\.keepAlive))
        let peer = try Peer(address)
        for _ in 0..<3 {
            try peer.send(WorkerTimersTests.get)
            #expect(try peer.reply().status == 200)
            try worker.settle()
            try worker.advance(by: WorkerTimersTests.almost)
        }
        #expect(!peer.hasInput(within: .zero))
        try worker.advance(by: WorkerTimersTests.rest)
        #expect(try peer.receiveAll() == "")
        try worker.stop()
    }

    /// The deadline for taking the answer stood in the place of the one for the next request, and
    /// was cleared with the last byte: the connection was idle without end.
    @Test("A connection on which an answer had to wait may be idle for its time as well")
    func keepAliveBehindWait() throws {
        let size = 16 << 20
        let origin = try Origin { connection in
            while connection.readHead() != nil {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
                connection.send([UInt8](repeating: 120, count: size))
            }
        }
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts(\.keepAlive))
        let peer = try Peer(address)
        try peer.send(WorkerTimersTests.get)
        #expect(try peer.reply().body.utf8.count == size)
        try worker.waitForServer(origin.address, active: 0, idle: 1)
        try worker.advance(by: WorkerTimersTests.long)
        #expect(try peer.receiveAll() == "")
        try worker.stop()
    }

    @Test("A body may pause for its time")
    func requestBody() throws {
        let taken = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            while !connection.read(4).isEmpty { taken.signal() }
        }
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts(\.requestBody))
        let peer = try Peer(address)
        try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 100") + "four")
        taken.wait()
        try worker.advance(by: WorkerTimersTests.almost)
        #expect(!peer.hasInput(within: .zero))
        try worker.advance(by: WorkerTimersTests.rest)
        #expect(try peer.reply().status == 408)
        try worker.stop()
    }

    /// PRODUCT's minimum rate: a byte just before each deadline held a connection for ever.
    @Test(
        "A body that only drips has its time once; one that comes has it again",
        arguments: [(4, 408), (200_000, 200)])
    func drippingBody(size: Int, status: Int) throws {
        let taken = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            _ = connection.read(4)
            taken.signal()
            _ = connection.read(size)
            taken.signal()
            guard connection.read(4) == "last" else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts(\.requestBody))
        let peer = try Peer(address)
        try peer.send(
            head("POST / HTTP/1.1", "Host: localhost", "Content-Length: \(8 + size)") + "four")
        taken.wait()
        try worker.advance(by: WorkerTimersTests.almost)
        try peer.send(String(repeating: "x", count: size))
        taken.wait()
        try worker.settle()
        try worker.advance(by: WorkerTimersTests.rest)
        try peer.send("last")
        #expect(try peer.reply().status == status)
        try worker.stop()
    }

    /// The wait began only when there were bytes to pass on; with all of them passed on at once and
    /// the server's buffer full for a moment, nobody waited.
    @Test("A body that stops when the server's buffer is full has its time")
    func bodyBehindFullBuffer() throws {
        let taken = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            _ = connection.read(5_000)
            taken.signal()
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts(\.requestBody)
        ) { $0.bufferBytes = 4_096 }
        let peer = try Peer(address)
        try peer.send(
            head("POST / HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked")
                + "1388\r\n" + String(repeating: "x", count: 5_000))
        taken.wait()
        try worker.settle()
        try worker.advance(by: WorkerTimersTests.long)
        #expect(try peer.reply().status == 408)
        try worker.stop()
    }

    /// On a plain connection a large piece is sent from where it lies; when that came up short,
    /// nobody noted that the client had something to take.
    @Test("A client that takes nothing is cut off")
    func responseWrite() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            while connection.send([UInt8](repeating: 120, count: 65_536)) {}
        }
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts(\.responseWrite))
        let peer = try Peer(address)
        try peer.send(WorkerTimersTests.get)
        _ = try peer.until("\r\n\r\n")
        // When the buffers between the two are full nobody can say.
        try Deadline.wait("\(worker.registry.totals())") {
            try worker.advance(by: WorkerTimersTests.long)
            return worker.registry.totals().connectionsActive == 0
        }
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        _ = try peer.receiveAll()
        #expect(!peer.isCleanlyClosed)
        try worker.stop()
    }

    @Test("A connection to a server has its time to be made")
    func upstreamConnect() throws {
        let full = try Socket.listen(
            on: .ipv4(0x7f00_0001, port: 0), reusePort: false, backlog: 0)
        guard let server = full.localAddress() else { throw TestFailure("no address") }
        let first = try Socket.connect(to: server)
        let second = try Socket.connect(to: server)
        let (worker, address) = try RunningWorker.plain(
            server, timeouts: timeouts(\.upstreamConnect))
        let peer = try Peer(address)
        try peer.send(WorkerTimersTests.get)
        try worker.waitForServer(server, active: 1, idle: 0)
        try worker.advance(by: WorkerTimersTests.almost)
        #expect(!peer.hasInput(within: .zero))
        try worker.advance(by: WorkerTimersTests.rest)
        #expect(try peer.reply().status == 504)
        try worker.waitForServer(server, active: 0, idle: 0)
        _ = (first.rawDescriptor, second.rawDescriptor, full.rawDescriptor)
        try worker.stop()
    }

    @Test("A response has its time, however its head comes and whatever comes before it")
    func upstreamFirstByte() throws {
        let asked = DispatchSemaphore(value: 0)
        let go = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            asked.signal()
            go.wait()
            connection.send("HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Le")
            asked.signal()
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts(\.upstreamFirstByte))
        let peer = try Peer(address)
        try peer.send(WorkerTimersTests.get)
        asked.wait()
        try worker.advance(by: WorkerTimersTests.almost)
        go.signal()
        asked.wait()
        #expect(try peer.reply().status == 103)
        try worker.advance(by: WorkerTimersTests.rest)
        #expect(try peer.reply().status == 504)
        try worker.stop()
    }

    @Test("A response may pause for its time")
    func upstreamBetweenBytes() throws {
        let go = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\none")
            go.wait()
            connection.send("two")
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts(\.upstreamBetweenBytes))
        let peer = try Peer(address)
        try peer.send(WorkerTimersTests.get)
        _ = try peer.until("one")
        try worker.advance(by: WorkerTimersTests.almost)
        go.signal()
        _ = try peer.until("two")
        try worker.settle()
        try worker.advance(by: WorkerTimersTests.almost)
        #expect(!peer.hasInput(within: .zero))
        try worker.advance(by: WorkerTimersTests.rest)
        #expect(try peer.receiveAll() == "")
        #expect(!peer.isCleanlyClosed)
        try worker.stop()
    }

    @Test("An idle connection to a server is kept for its time")
    func upstreamIdle() throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts(\.upstreamIdle))
        let peer = try Peer(address)
        for _ in 0..<3 {
            try peer.send(WorkerTimersTests.get)
            #expect(try peer.reply().field("x-origin") == "1")
            try worker.settle()
            try worker.advance(by: WorkerTimersTests.almost)
        }
        try worker.waitForServer(origin.address, active: 0, idle: 1)
        try worker.advance(by: WorkerTimersTests.rest)
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        try peer.send(WorkerTimersTests.get)
        #expect(try peer.reply().field("x-origin") == "2")
        try worker.stop()
    }

    @Test("A tunnel may be silent for its time")
    func tunnelIdle() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
            while case let text = connection.read(1), !text.isEmpty { connection.send(text) }
        }
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts(\.tunnelIdle))
        let peer = try Peer(address)
        try peer.send(
            head("GET / HTTP/1.1", "Host: localhost", "Connection: upgrade", "Upgrade: x"))
        #expect(try peer.reply().status == 101)
        for _ in 0..<3 {
            try peer.send("x")
            #expect(try peer.exactly(1) == "x")
            try worker.settle()
            try worker.advance(by: WorkerTimersTests.almost)
        }
        #expect(!peer.hasInput(within: .zero))
        try worker.advance(by: WorkerTimersTests.rest)
        #expect(try peer.receiveAll() == "")
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        try worker.stop()
    }

    @Test("A client that takes a byte now and then has its time once; one that reads has it again")
    func drippingReader() throws {
        let origin = try Origin { $0.echo() }
        let driven = try DrivenWorker(origin.address)
        let peer = try Peer(driven.address)
        try driven.turn("a client") { driven.worker.downstreams.count == 1 }
        let connection = try #require(driven.worker.downstreams.element(at: 0))
        let time = TimeoutConfig().responseWrite
        let start = driven.worker.now
        connection.outbound.append("waits")
        driven.worker.clientTook(0, connection)
        #expect(connection.writeDeadline == start + time)
        driven.worker.now = start + .seconds(10)
        driven.worker.clientTook(0, connection)
        #expect(connection.writeDeadline == start + time)
        driven.worker.clientTook(100, connection)
        #expect(connection.writeDeadline == start + time + .seconds(1))
        driven.worker.clientTook(1_000_000, connection)
        #expect(connection.writeDeadline == start + .seconds(10) + time)
        connection.outbound.removeAll()
        driven.worker.clientTook(5, connection)
        #expect(connection.writeDeadline == .distantFuture)
        try peer.finish()
    }
}
