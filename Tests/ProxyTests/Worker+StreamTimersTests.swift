import Bytes
import Config
import Foundation
import HTTP
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Proxy

/// Waits of streams, the clock moved by the test.
@Suite("Worker+StreamTimers", .serialized)
struct WorkerStreamTimersTests {
    /// A response that is all here is nobody's but the client's to finish: it was reset for the
    /// server's sake while a slow client took it at a lawful rate.
    @Test("A server is not blamed for what a slow client has not taken of a whole response")
    func slowClient() throws {
        let origin = try Origin { connection in
            while connection.readHead() != nil {
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n"
                        + String(repeating: "a", count: 40))
            }
        }
        var timeouts = TimeoutConfig()
        timeouts.upstreamBetweenBytes = .seconds(60)
        timeouts.responseWrite = .seconds(1_000)
        let client = try StreamClient(origin.address, timeouts: timeouts) { $0.minimumRate = 1 }
        let peer = try client.connect(settings: [(4, 10)])
        try peer.send(StreamClient.request(1))
        while peer.streams[1]?.body.count ?? 0 < 10, try peer.receive() {}
        for _ in 0..<3 {
            try client.worker.advance(by: .seconds(61))
            #expect(peer.streams[1]?.isOver == false)
            let had = peer.streams[1]?.body.count ?? 0
            try peer.send(Frame.windowUpdate(1, 10))
            while peer.streams[1]?.body.count == had, try peer.receive() {
                if peer.streams[1]?.isOver == true { break }
            }
        }
        let stream = try peer.stream(1)
        #expect(stream.body.count == 40)
        #expect(stream.isComplete)
    }

    /// A stream of events in both directions may have nothing to say in one of them for hours: it
    /// was reset while its server talked on.
    @Test(
        "A client that says nothing more is not too slow while its server goes on",
        arguments: [BackendProtocol.http1, .h2c])
    func silentClient(speaks: BackendProtocol) throws {
        let ticks = DispatchSemaphore(value: 0)
        let origin = try WorkerStreamTimersTests.ticker(speaks, ticks)
        var timeouts = TimeoutConfig()
        timeouts.requestBody = .seconds(30)
        let client = try StreamClient(origin.address, speaks: speaks, timeouts: timeouts)
        let peer = try client.connect()
        let other = try client.connect()
        try peer.send(StreamClient.request(1, "POST", end: false) + Frame.data(1, "a", end: false))
        while peer.streams[1]?.status == nil, try peer.receive() {}
        for turn in 1...4 {
            if turn > 1 { try client.worker.advance(by: .seconds(20)) }
            if speaks == .http1 {
                ticks.signal()
            } else {
                _ = try other.get("/", on: UInt32(turn * 2 - 1))
            }
            while peer.streams[1]?.body.count ?? 0 < turn, peer.streams[1]?.isOver != true,
                try peer.receive()
            {}
            #expect(peer.streams[1]?.isOver == false)
        }
        try client.worker.settle()
        try client.worker.advance(by: .seconds(31))
        #expect(try peer.stream(1).reset != nil)
    }

    /// A server that adds a byte to the response of a POST at each tick: a signal, or another
    /// request.
    private static func ticker(_ speaks: BackendProtocol, _ ticks: DispatchSemaphore) throws
        -> Origin
    {
        if speaks == .http1 {
            return try Origin { connection in
                _ = connection.readHead()
                connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                while ticks.wait(timeout: .now() + 30) == .success {
                    connection.send("1\r\na\r\n")
                }
            }
        }
        let first = Mutex<Int32>(0)
        return try Origin(
            StreamOrigin.script { origin, event in
                guard case .request(let stream, _) = event else { return }
                if String(copying: origin.request.methodBytes) == "POST" {
                    first.withLock { $0 = stream }
                    origin.respond(stream)
                } else {
                    origin.send(first.withLock { $0 }, Array("a".utf8), ends: false)
                    origin.answer(stream, "ok")
                }
            })
    }
}
