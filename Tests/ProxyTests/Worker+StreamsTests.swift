import Bytes
import Config
import Dispatch
import HTTP
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Proxy

/// Clients of HTTP/2 that do not take what they asked for.
@Suite("Worker+Streams", .serialized)
struct WorkerStreamsTests {
    /// Windows that never shut: only the connection itself holds anything back.
    private static let openWindows: [(UInt16, UInt32)] = [(4, 0x7fff_ffff)]
    private static let openConnection = Frame.windowUpdate(0, 0x7fff_0000)

    @Test("A client that reads nothing is closed in time, and the server was stopped long before")
    func silence() throws {
        let sent = Mutex(0)
        let isOver = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            guard let head = connection.readHead(), head.contains("/endless") else {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                return
            }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            let piece = [UInt8](repeating: 0, count: 65_536)
            for _ in 0..<15_000 {
                guard connection.send(piece) else { break }
                sent.withLock { $0 += piece.count }
            }
            isOver.signal()
        }
        let client = try StreamClient(origin.address)
        let silent = try client.connect(settings: WorkerStreamsTests.openWindows)
        try silent.send(
            WorkerStreamsTests.openConnection + StreamClient.request(1, "GET", "/endless"))
        var rounds = 0
        while isOver.wait(timeout: .now() + 0.05) == .timedOut, rounds < 1_000 {
            rounds += 1
            try client.worker.advance(by: .seconds(5))
        }
        #expect(rounds < 1_000)
        // What two pairs of sockets hold at the most, and some.
        #expect(sent.withLock { $0 } < 64 << 20)
        let other = try client.connect()
        try other.send(StreamClient.request(1))
        #expect(try other.stream(1).status == 200)
    }

    @Test("Interim responses do not gather for a client that reads nothing")
    func interim() throws {
        // Which HPACK makes no shorter.
        let field = "Link: </\(String(repeating: "X", count: 30_000))>; rel=preload\r\n"
        let isSent = DispatchSemaphore(value: 0)
        let isAsked = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            for _ in 0..<9 { connection.send("HTTP/1.1 103 Early Hints\r\n\(field)\r\n") }
            isSent.signal()
            isAsked.wait()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        let client = try StreamClient(origin.address)
        let peer = try client.connect(settings: WorkerStreamsTests.openWindows)
        let streams = (0..<100).map { UInt32($0 * 2 + 1) }
        for stream in streams { try peer.send(StreamClient.request(stream)) }
        for _ in streams { isSent.wait() }
        // All that servers said has been read, and passed on or not.
        try client.worker.settle()
        for _ in streams { isAsked.signal() }
        for stream in streams {
            let answer = try peer.stream(stream)
            #expect(answer.status == 200 && answer.body == Array("ok".utf8))
        }
        // 27 MB were said; the kernel holds some in two sockets.
        #expect(peer.byteCount < 20 << 20, "\(peer.byteCount)")
    }

    @Test("WebSocket goes from a client of HTTP/2 to a server of HTTP/2, both ways")
    func tunnel() throws {
        let origin = try Origin(
            StreamOrigin.script { origin, event in
                switch event {
                case .request(let stream, _):
                    let asked = String(copying: origin.request.tunnelProtocol)
                    origin.respond(
                        stream, asked == "websocket" ? "200" : "400",
                        endsStream: asked != "websocket")
                case .data(let stream, _, _): origin.send(stream, origin.payload, ends: false)
                case .end(let stream, _, _): origin.send(stream, Array("bye".utf8))
                default: break
                }
            })
        let client = try StreamClient(origin.address, speaks: .h2c)
        let peer = try client.connect()
        try peer.send(
            Frame.headers(
                1,
                [
                    (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"),
                    (":path", "/chat"), (":authority", "localhost"),
                    ("sec-websocket-version", "13"),
                ], end: false))
        for text in ["one", "two"] {
            try peer.send(Frame.data(1, text, end: false))
        }
        while peer.streams[1].map({ $0.body.count < 6 && !$0.isOver }) ?? true,
            try peer.receive()
        {}
        #expect(peer.streams[1]?.status == 200)
        #expect(peer.streams[1]?.body == Array("onetwo".utf8))
        try peer.send(Frame.data(1, "", end: true))
        let answer = try peer.stream(1)
        #expect(answer.body == Array("onetwobye".utf8) && answer.isComplete)
    }
}
