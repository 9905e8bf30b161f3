import Config
import Foundation
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Whose turn it is, by whose clock an exchange ends. The clock is the worker's own, and moved.
@Suite("Worker+Exchange+Clocks", .serialized)
struct WorkerExchangeClocksTests {
    private static let never = Duration.seconds(1_000_000)
    private static let post = head(
        "POST / HTTP/1.1", "Host: localhost", "Expect: 100-continue", "Content-Length: 4")

    /// Deadlines of which all but two never come.
    private static func timeouts(
        body: Duration = never, firstByte: Duration = never
    ) -> TimeoutConfig {
        TimeoutConfig(
            handshake: never, requestHead: never, requestBody: body, keepAlive: never,
            responseWrite: never, upstreamConnect: never, upstreamFirstByte: firstByte,
            upstreamBetweenBytes: never, upstreamIdle: never, tunnelIdle: never)
    }

    /// A server that takes a head and says nothing.
    private func silence(_ asked: DispatchSemaphore) throws -> Origin {
        try Origin { connection in
            _ = connection.readHead()
            asked.signal()
            _ = connection.readToEnd()
        }
    }

    @Test(
        "A client that waits for 100 is not blamed for a server that says nothing",
        arguments: [(1_000, 5_000), (5_000, 1_000)])
    func silentServer(body: Int, firstByte: Int) throws {
        let asked = DispatchSemaphore(value: 0)
        let origin = try silence(asked)
        let timeouts = Self.timeouts(body: .seconds(body), firstByte: .seconds(firstByte))
        let (worker, address) = try RunningWorker.plain(origin.address, timeouts: timeouts)
        let peer = try Peer(address)
        try peer.send(Self.post)
        asked.wait()
        try worker.settle()
        try worker.advance(by: .seconds(firstByte - 100))
        #expect(!peer.hasInput(within: .zero))
        try worker.advance(by: .seconds(101))
        #expect(try peer.reply().status == 504)
        #expect(try worker.limits("slow_body") == 0)
        try worker.stop()
    }

    @Test(
        "A stream that waits for 100 is not blamed for a server that says nothing",
        arguments: [(1_000, 5_000), (5_000, 1_000)])
    func silentServerOfStream(body: Int, firstByte: Int) throws {
        let asked = DispatchSemaphore(value: 0)
        let origin = try silence(asked)
        let timeouts = Self.timeouts(body: .seconds(body), firstByte: .seconds(firstByte))
        let client = try StreamClient(origin.address, timeouts: timeouts)
        let peer = try client.connect()
        try peer.send(
            Frame.headers(
                1,
                [
                    (":method", "POST"), (":scheme", "https"), (":authority", "localhost"),
                    (":path", "/"), ("expect", "100-continue"), ("content-length", "4"),
                ], end: false))
        asked.wait()
        try client.worker.settle()
        try client.worker.advance(by: .seconds(firstByte - 100))
        try client.worker.advance(by: .seconds(101))
        #expect(try peer.stream(1).status == 504)
        #expect(try client.worker.limits("slow_body") == 0)
        try client.worker.stop()
    }

    @Test("A client that does not wait for 100 is not blamed for a server that reads nothing")
    func lateContinue() throws {
        let go = DispatchSemaphore(value: 0)
        let end = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            go.wait()
            connection.send("HTTP/1.1 100 Continue\r\n\r\n")
            end.wait()
        }
        let driven = try DrivenWorker(origin.address) {
            $0.timeouts.requestBody = .seconds(1_000)
            $0.timeouts.upstreamFirstByte = .seconds(5_000)
        }
        let peer = try Peer(driven.address)
        let size = 64 << 20
        try peer.send(
            head(
                "PUT / HTTP/1.1", "Host: localhost", "Content-Length: \(size)",
                "Expect: 100-continue"))
        peer.sendInBackground([UInt8](repeating: 10, count: size))
        try driven.turn("a full buffer") { driven.isUpstreamFull }
        go.signal()
        try driven.turn(untilInputFor: peer)
        #expect(try peer.until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
        driven.advance(by: .seconds(2_000))
        #expect(!peer.hasInput(within: .zero))
        try driven.turn("the end of the wait") {
            driven.advance(by: .seconds(5_001))
            return driven.upstream == nil
        }
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 504)
        end.signal()
    }

    @Test("Once the server has said 100, the client has its time for the body, and no more")
    func toldToGoOn() throws {
        let asked = DispatchSemaphore(value: 0)
        let go = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            asked.signal()
            go.wait()
            connection.send("HTTP/1.1 100 Continue\r\n\r\n")
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: Self.timeouts(body: .seconds(1_000)))
        let peer = try Peer(address)
        try peer.send(Self.post)
        asked.wait()
        try worker.settle()
        try worker.advance(by: .seconds(900))
        go.signal()
        #expect(try peer.reply().status == 100)
        try worker.settle()
        try worker.advance(by: .seconds(900))
        #expect(!peer.hasInput(within: .zero))
        try worker.advance(by: .seconds(101))
        #expect(try peer.reply().status == 408)
        #expect(try worker.limits("slow_body") == 1)
        try worker.stop()
    }

    /// Nobody took what the client sent while its request stood in the line, and it was blamed for
    /// having sent nothing.
    @Test("A client is not blamed for the time that its request waits in the line")
    func queued() throws {
        let taken = DispatchSemaphore(value: 0)
        let cut = DispatchSemaphore(value: 0)
        let open = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            while let request = connection.readHead() {
                if request.hasPrefix("GET /wait ") { open.wait() }
                guard request.hasPrefix("PUT ") else {
                    connection.send(WorkerExchangeTests.ok)
                    continue
                }
                let begin = connection.read(4)
                if connection.number == 1 {
                    taken.signal()
                    cut.wait()
                    return
                }
                let body = begin + connection.read(4)
                connection.send(head("HTTP/1.1 200 OK", "Content-Length: 8") + body)
            }
        }
        let limits = BackendLimitConfig(
            requests: 1, queue: 5, queueTimeout: WorkerExchangeClocksTests.never)
        let (worker, address) = try RunningWorker.serving(
            [origin.address], BackendPolicy(limits: limits),
            timeouts: Self.timeouts(body: .seconds(1_000)))
        // The connection that the server ends is one that has served before: the request is sent
        // once more, behind whoever waits already.
        let first = try Peer(address)
        try first.send(head("GET /first HTTP/1.1", "Host: localhost"))
        #expect(try first.reply().status == 200)
        try worker.waitForServer(origin.address, active: 0, idle: 1)
        let slow = try Peer(address)
        try slow.send(head("PUT /slow HTTP/1.1", "Host: localhost", "Content-Length: 8") + "four")
        taken.wait()
        let other = try Peer(address)
        try other.send(head("GET /wait HTTP/1.1", "Host: localhost"))
        try worker.waitForQueue(1)
        cut.signal()
        try Deadline.wait("the other request") { origin.heads.count == 3 }
        try worker.waitForQueue(1)
        try slow.send("rest")
        try worker.settle()
        try worker.advance(by: .seconds(1_001))
        #expect(!slow.hasInput(within: .zero))
        open.signal()
        #expect(try other.reply().status == 200)
        #expect(try slow.reply().body == "fourrest")
        try worker.stop()
    }
}
