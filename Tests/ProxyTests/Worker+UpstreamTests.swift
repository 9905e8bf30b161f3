import Bytes
import Config
import Foundation
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Upstream", .serialized)
struct WorkerUpstreamTests {
    static let get = head("GET / HTTP/1.1", "Host: localhost")
    static let ok = head("HTTP/1.1 200 OK", "Content-Length: 2") + "ok"

    /// The connection was found to be made and readable in one event, which is told once: the
    /// answer was never read.
    @Test("What a server says while it is being connected to is read")
    func earlyWords() throws {
        let said = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            connection.send(WorkerUpstreamTests.ok)
            said.signal()
            _ = connection.readToEnd()
        }
        let driven = try DrivenWorker(origin.address)
        let peer = try Peer(driven.address)
        try peer.send(WorkerUpstreamTests.get)
        try driven.turn("connecting") { driven.upstream != nil }
        said.wait()
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().body == "ok")
    }

    /// Bytes that came while the connection was idle, told by epoll behind the next request, were
    /// taken for the response to it.
    @Test("A response that nobody asked for is nobody's response")
    func unaskedResponse() throws {
        let idle = DispatchSemaphore(value: 0)
        let said = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send(WorkerUpstreamTests.ok)
            if connection.number == 1 {
                idle.wait()
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
                said.signal()
            }
            _ = connection.readToEnd()
        }
        let driven = try DrivenWorker(origin.address)
        let one = try Peer(driven.address)
        try one.send(WorkerUpstreamTests.get)
        try driven.turn(untilInputFor: one)
        #expect(try one.reply().body == "ok")
        let upstream = try #require(driven.upstream)
        try driven.turn("an idle connection") { upstream.phase == .idle }
        // Both wait for the same turn, the request before the bytes.
        try one.send(WorkerUpstreamTests.get)
        idle.signal()
        said.wait()
        try Deadline.wait("bytes in the kernel") { upstream.socket.isReadableOrClosed() }
        try driven.turn(untilInputFor: one)
        #expect(try one.reply().body == "ok")
        #expect(origin.connectionCount == 2)
    }

    /// Bytes behind a response stood unread in the kernel when the connection was taken for the
    /// next request, and were taken for its response.
    @Test("A connection with unread bytes behind a response serves nobody else")
    func unreadBytes() throws {
        let folder = try TemporaryFolder()
        let first = DispatchSemaphore(value: 0)
        let asked = DispatchSemaphore(value: 0)
        let origin = try Origin(at: .unix(folder.path("o"))) { connection in
            _ = connection.readHead()
            guard connection.number == 1 else {
                connection.send(WorkerUpstreamTests.ok)
                return
            }
            asked.signal()
            // Exactly what is read in one turn; what follows stays in the kernel.
            let head = "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\nX: "
            let filler = Worker.bytesPerTurn - 60_000 - head.utf8.count - 4
            connection.send(
                head + String(repeating: "x", count: filler) + "\r\n\r\n"
                    + String(repeating: "y", count: 60_000)
                    + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
            first.signal()
            _ = connection.readToEnd()
        }
        let driven = try DrivenWorker(origin.address)
        let one = try Peer(driven.address)
        let two = try Peer(driven.address)
        try driven.turn("two clients") { driven.worker.downstreams.count == 2 }
        try one.send(WorkerUpstreamTests.get)
        try driven.turn("the request at the server") {
            asked.wait(timeout: .now()) == .success
        }
        first.wait()
        // Both wait for the same turn, the response before the next request.
        try two.send(WorkerUpstreamTests.get)
        try driven.turn(untilInputFor: two)
        #expect(try two.reply().body == "ok")
        #expect(try one.reply().body.utf8.count == 60_000)
    }

    @Test(
        "Bytes behind a response end the connection, not the next exchange", arguments: [204, 200])
    func bytesBeyond(status: Int) throws {
        let origin = try Origin { connection in
            while connection.readHead() != nil {
                connection.send(
                    connection.number == 1
                        ? "HTTP/1.1 \(status) X\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n"
                            + "Content-Length: 4\r\n\r\nevil"
                        : WorkerUpstreamTests.ok)
            }
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(WorkerUpstreamTests.get)
        #expect(try peer.reply().status == status)
        try peer.send(WorkerUpstreamTests.get)
        #expect(try peer.reply().body == "ok")
        #expect(origin.connectionCount == 2)
        try worker.stop()
    }

    @Test("An idle connection on which a server speaks is closed")
    func idleWords() throws {
        let speak = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send(WorkerUpstreamTests.ok)
            speak.wait()
            connection.send(WorkerUpstreamTests.ok)
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(WorkerUpstreamTests.get)
        #expect(try peer.reply().status == 200)
        try worker.waitForServer(origin.address, active: 0, idle: 1)
        speak.signal()
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        try worker.stop()
    }

    @Test("Ten interim responses pass, the eleventh is one too many", arguments: [9, 10, 11])
    func interim(count: Int) throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            let hints = String(repeating: "HTTP/1.1 103 Early\r\n\r\n", count: count)
            connection.send(hints + WorkerUpstreamTests.ok)
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(WorkerUpstreamTests.get)
        for _ in 0..<min(count, 10) { #expect(try peer.reply().status == 103) }
        #expect(try peer.reply().status == (count > 10 ? 502 : 200))
        try worker.waitForServer(origin.address, active: 0, idle: count > 10 ? 0 : 1)
        try worker.stop()
    }

    @Test("A client of HTTP/1.0 gets no interim response")
    func interimForOldClient() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 103 Early\r\n\r\n" + WorkerUpstreamTests.ok)
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(head("GET / HTTP/1.0", "Host: localhost"))
        #expect(try peer.reply().status == 200)
        try worker.stop()
    }

    @Test("A server that does not take connections is passed over, and the client does not notice")
    func nextServer() throws {
        let origin = try Origin { $0.echo() }
        let dead = try SocketAddress.vacant()
        let (worker, address) = try RunningWorker.plain(dead, origin.address)
        for _ in 0..<4 {
            let peer = try Peer(address)
            try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 2") + "ab")
            #expect(try peer.reply().status == 200)
        }
        try worker.waitForServer(dead, active: 0, idle: 0)
        try worker.stop()
    }

    @Test("Where no server takes connections the client is told", arguments: [1, 2, 5])
    func noServer(count: Int) throws {
        let dead = try (0..<count).map { _ in try SocketAddress.vacant() }
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        try worker.install(WorkerSetup(sites: [.init(servers: dead)]), on: listener)
        let peer = try Peer(listener.address)
        for _ in 0..<2 {
            try peer.send(WorkerUpstreamTests.get)
            #expect(try peer.reply().status == 503)
        }
        for server in dead { try worker.waitForServer(server, active: 0, idle: 0) }
        try worker.stop()
    }

    @Test("The end of a connection that had served before is not held against the server")
    func outliers() throws {
        let origin = try Origin { connection in
            guard connection.readHead() != nil, connection.number == 1 else { return }
            connection.send(WorkerUpstreamTests.ok)
            _ = connection.readHead()
        }
        let driven = try DrivenWorker(origin.address)
        let pool = try #require(driven.worker.pools.values.first)
        pool.plan.outliers = OutlierConfig()
        let peer = try Peer(driven.address)
        let post = head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 0")
        for (request, status, row) in [
            (WorkerUpstreamTests.get, 200, 0), (post, 502, 0), (post, 502, 1),
        ] {
            try peer.send(request)
            try driven.turn(untilInputFor: peer)
            #expect(try peer.reply().status == status)
            #expect(pool.outliers.row == row)
        }
    }
}
