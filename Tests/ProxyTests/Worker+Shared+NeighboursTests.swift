import Config
import Dispatch
import HTTP
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Proxy

/// Requests that share a connection, and one among them that a server would not take.
@Suite("Worker+Shared+Neighbours", .serialized)
struct WorkerSharedNeighboursTests {
    private func wait(_ signal: DispatchSemaphore) throws {
        try #require(signal.wait(timeout: .now() + 20) == .success)
    }

    private func ask(_ peer: Peer, _ path: String) throws -> String {
        try peer.send(WorkerSharedTests.get(path))
        return try peer.reply().body
    }

    /// What the server has said of it was never looked at, and it ended the connection for all.
    @Test("A head beyond what a server takes is refused, and nobody else's request with it")
    func largeHead() throws {
        let held = Mutex<Int32?>(nil)
        let begun = DispatchSemaphore(value: 0)
        var settings = HTTP2Settings()
        settings.headerListBytes = 1_024
        let origin = try Origin(
            StreamOrigin.script(settings: settings) { origin, event in
                switch event {
                case .request(let stream, _) where origin.path == "/held":
                    held.withLock { $0 = stream }
                    begun.signal()
                case .request(let stream, _):
                    origin.answer(stream, "ok")
                    if let other = held.withLock({ $0 }) { origin.answer(other, "held") }
                case .refused: throw TestFailure("the server ends")
                default: break
                }
            })
        let (worker, address) = try RunningWorker.plain(origin.address, speaks: .h2c)
        let peer = try Peer(address)
        // With the answer its SETTINGS have come.
        #expect(try ask(peer, "/first") == "ok")
        let waiting = try Peer(address)
        try waiting.send(WorkerSharedTests.get("/held"))
        try wait(begun)
        let filling = String(repeating: "x", count: 2_000)
        try peer.send(head("GET /large HTTP/1.1", "Host: localhost", "X-Filling: \(filling)"))
        #expect(try peer.reply().status == 431)
        #expect(try ask(peer, "/last") == "ok")
        #expect(try waiting.reply().body == "held")
        #expect(origin.connectionCount == 1)
        try worker.stop()
    }

    /// Servers that guard against rapid resets ended the connection for all who shared it.
    @Test("After many cancellations a connection gets no more streams, and keeps those it has")
    func cancellations() throws {
        let held = Mutex<Int32?>(nil)
        let count = Mutex(0)
        let begun = DispatchSemaphore(value: 0)
        let cancelled = DispatchSemaphore(value: 0)
        let origin = try Origin(
            StreamOrigin.script { origin, event in
                switch event {
                case .request(let stream, _) where origin.path == "/number":
                    origin.answer(stream, "\(origin.connection.number)")
                case .request(let stream, _):
                    if origin.path == "/held" { held.withLock { $0 = stream } }
                    begun.signal()
                case .reset:
                    let number = count.withLock { count in
                        count += 1
                        return count
                    }
                    if number == UpstreamLink.resetLimit, let other = held.withLock({ $0 }) {
                        origin.answer(other, "held")
                    }
                    cancelled.signal()
                default: break
                }
            })
        let (worker, address) = try RunningWorker.plain(origin.address, speaks: .h2c)
        let waiting = try Peer(address)
        try waiting.send(WorkerSharedTests.get("/held"))
        try wait(begun)
        let peer = try Peer(address)
        for number in 1...UpstreamLink.resetLimit {
            let leaving = try Peer(address)
            try leaving.send(WorkerSharedTests.get("/leave"))
            try wait(begun)
            if number == UpstreamLink.resetLimit { #expect(try ask(peer, "/number") == "1") }
            leaving.reset()
            try wait(cancelled)
        }
        #expect(try waiting.reply().body == "held")
        #expect(try ask(peer, "/number") == "2")
        #expect(origin.connectionCount == 2)
        try worker.stop()
    }

    // MARK: - Large heads

    /// Fields of 400 KB, beyond four times the default limit of a head.
    private static let large = String(repeating: line, count: 10)
    private static let line = "X-Large: \(String(repeating: "x", count: 40_000))\r\n"

    /// The bound followed what clients may send.
    @Test("A response's head goes to a client of HTTP/2 as large as servers may send it")
    func largeResponse() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            let fields = "Content-Length: 2\r\n" + WorkerSharedNeighboursTests.large
            connection.send("HTTP/1.1 200 OK\r\n\(fields)\r\nok")
            _ = connection.readToEnd()
        }
        let client = try StreamClient(origin.address) {
            $0.responseLimits = MessageLimits(headBytes: 1 << 20)
        }
        let peer = try client.connect()
        try peer.send(StreamClient.request(1))
        let answer = try peer.stream(1)
        #expect(answer.status == 200 && answer.isComplete)
        #expect(answer.body == Array("ok".utf8))
        try client.worker.stop()
    }

    /// Reads frames of HTTP/2 to the end of the first head, and answers that.
    private static func answer(_ connection: OriginConnection) {
        connection.send(Frame.settings())
        _ = connection.read(bytes: Frame.preface.count)
        while true {
            let header = connection.read(bytes: 9)
            guard header.count == 9 else { return }
            let count = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
            _ = connection.read(bytes: count)
            // HEADERS or CONTINUATION, with END_HEADERS.
            if header[3] == 1 || header[3] == 9, header[4] & 4 != 0 { break }
        }
        // The status 200, from the static table.
        connection.send(Frame.settingsAck + Frame.headers(1, block: [0x88]))
        _ = connection.readToEnd()
    }

    /// The bound followed what servers may send.
    @Test("A request's head goes to a server of HTTP/2 as large as clients may send it")
    func largeRequest() throws {
        let origin = try Origin { WorkerSharedNeighboursTests.answer($0) }
        let (worker, address) = try RunningWorker.plain(origin.address, speaks: .h2c) {
            $0.requestLimits = MessageLimits(headBytes: 1 << 20)
        }
        let peer = try Peer(address)
        try peer.send(
            "GET / HTTP/1.1\r\nHost: localhost\r\n\(WorkerSharedNeighboursTests.large)\r\n")
        #expect(try peer.reply().status == 200)
        #expect(origin.connectionCount == 1)
        try worker.stop()
    }
}
