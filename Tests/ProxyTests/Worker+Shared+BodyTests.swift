import Config
import Dispatch
import HTTP
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Proxy

/// Bodies of requests towards servers that speak HTTP/2.
@Suite("Worker+Shared+Body", .serialized)
struct WorkerSharedBodyTests {
    // MARK: - Sent again

    /// What two servers saw: the first that is asked gives the stream up once so much has come, the
    /// other one answers as soon as its window is full, and opens it only then.
    private final class Script: Sendable {
        private struct State {
            var bodies: [Int: [UInt8]] = [:]
            var first: Int?
        }

        static let window = 65_535

        private let patience: Int
        private let state = Mutex(State())

        init(patience: Int) { self.patience = patience }

        /// What the second one was sent.
        var body: [UInt8] {
            state.withLock { state in
                let first = state.first
                return state.bodies.first { $0.key != first }?.value ?? []
            }
        }

        func act(_ server: Int, _ origin: StreamOrigin, _ event: HTTP2Event) {
            switch event {
            case .request: origin.givesCredit = isFirst(server)
            case .data(let stream, _, _):
                let count = take(origin.payload, server)
                if isFirst(server) {
                    if count >= patience { origin.session.reset(stream, .internalError) }
                } else if !origin.givesCredit, count == Script.window {
                    origin.respond(stream)
                    // The head is on its way before there is room for more.
                    origin.flush()
                    origin.givesCredit = true
                    origin.session.consumed(count, of: stream)
                }
            case .end(let stream, _, _):
                if !isFirst(server) { origin.send(stream, Array("done".utf8)) }
            default: break
            }
        }

        private func isFirst(_ server: Int) -> Bool {
            state.withLock { state in
                let first = state.first ?? server
                state.first = first
                return first == server
            }
        }

        private func take(_ payload: [UInt8], _ server: Int) -> Int {
            state.withLock { state in
                state.bodies[server, default: []] += payload
                return state.bodies[server]?.count ?? 0
            }
        }
    }

    private static let size = 150_000
    private static let policy = BackendPolicy(
        retries: RetryConfig(attempts: 1, causes: RetryCause.allCases, body: 1 << 20))

    private func origins(_ script: Script) throws -> [Origin] {
        var settings = HTTP2Settings()
        settings.streamWindow = Script.window
        return try (0..<2).map { server in
            try Origin(StreamOrigin.script(settings: settings) { script.act(server, $0, $1) })
        }
    }

    /// What was kept was dropped with the head of the response, whether it had been sent or not.
    @Test(
        "What is sent again arrives whole, though the server answers before it has taken it",
        arguments: [100_000, size])
    func answeredEarly(patience: Int) throws {
        let script = Script(patience: patience)
        let origins = try origins(script)
        let (worker, address) = try RunningWorker.serving(
            origins.map(\.address), WorkerSharedBodyTests.policy, speaks: .h2c)
        let peer = try Peer(address)
        let body = WorkerRetryTests.body(WorkerSharedBodyTests.size)
        try peer.send(WorkerRetryTests.request("PUT", body))
        let reply = try peer.reply()
        #expect(reply.status == 200 && reply.body == "done")
        let isWhole = script.body == Array(body.utf8)
        #expect(isWhole, "\(script.body.count) bytes")
        try worker.stop()
    }

    @Test(
        "A stream that is sent again arrives whole, though the server answers before that",
        arguments: [100_000, size])
    func streamAnsweredEarly(patience: Int) throws {
        let script = Script(patience: patience)
        let origins = try origins(script)
        let client = try StreamClient(
            origins.map(\.address), WorkerSharedBodyTests.policy, speaks: .h2c
        ) { settings in
            // The client sends all at once.
            settings.http2.streamWindow = 1 << 20
            settings.http2.connectionWindow = 1 << 20
        }
        let peer = try client.connect()
        // Our window counts once the client has acknowledged it.
        while peer.byteCount == 0, try peer.receive() {}
        let body = Array(WorkerRetryTests.body(WorkerSharedBodyTests.size).utf8)
        try peer.send(StreamClient.request(1, "PUT", "/", end: false))
        for start in stride(from: 0, to: body.count, by: 15_000) {
            let end = start + 15_000
            let piece = String(decoding: body[start..<end], as: UTF8.self)
            try peer.send(Frame.data(1, piece, end: end == body.count))
        }
        let answer = try peer.stream(1)
        #expect(answer.status == 200 && answer.body == Array("done".utf8), "\(answer)")
        let isWhole = script.body == body
        #expect(isWhole, "\(script.body.count) bytes")
        try client.worker.stop()
    }

    // MARK: - Slow

    /// A server that answers who asks for `/ok`, and signals what else comes.
    private func listening(_ came: DispatchSemaphore) throws -> Origin {
        try Origin(
            StreamOrigin.script { origin, event in
                switch event {
                case .request(let stream, _):
                    if origin.path == "/ok" { origin.answer(stream, "ok") } else { came.signal() }
                case .data: came.signal()
                default: break
                }
            })
    }

    private func waitFor(_ signal: DispatchSemaphore) throws {
        try #require(signal.wait(timeout: .now() + 20) == .success)
    }

    /// The wait began with the first byte of a body only: there was none where that never came.
    @Test("A client that begins a request and never its body is told that it is too slow")
    func silent() throws {
        let came = DispatchSemaphore(value: 0)
        let origin = try listening(came)
        let client = try StreamClient(origin.address, speaks: .h2c)
        let peer = try client.connect()
        // With its answer the client has acknowledged our SETTINGS.
        #expect(try peer.get("/ok", on: 1).status == 200)
        try peer.send(StreamClient.request(3, "POST", end: false))
        try waitFor(came)
        try client.worker.settle()
        try client.worker.advance(by: .seconds(31))
        #expect(try peer.stream(3).status == 408)
        try client.worker.waitForServer(origin.address, active: 0, idle: 1)
        try client.worker.stop()
    }

    /// Each byte began the wait anew, whatever the minimum rate.
    @Test("A byte now and then earns no more time than the minimum rate gives it")
    func trickle() throws {
        let came = DispatchSemaphore(value: 0)
        let origin = try listening(came)
        let client = try StreamClient(origin.address, speaks: .h2c) { $0.minimumRate = 1 }
        let peer = try client.connect()
        #expect(try peer.get("/ok", on: 1).status == 200)
        try peer.send(StreamClient.request(3, "POST", end: false) + Frame.data(3, "a", end: false))
        for _ in 0..<2 { try waitFor(came) }
        try client.worker.settle()
        try client.worker.advance(by: .seconds(25))
        try peer.send(Frame.data(3, "b", end: false))
        try waitFor(came)
        #expect(try peer.get("/ok", on: 5).status == 200)
        #expect(peer.streams[3]?.status == nil)
        try client.worker.settle()
        try client.worker.advance(by: .seconds(25))
        #expect(try peer.stream(3).status == 408)
        try client.worker.stop()
    }

    @Test("A client's clock stands still while the server takes nothing, and then goes on")
    func shutWindow() throws {
        let count = Mutex(0)
        let upload = Mutex<Int32>(0)
        var settings = HTTP2Settings()
        settings.streamWindow = 65_535
        let origin = try Origin(
            StreamOrigin.script(settings: settings) { origin, event in
                switch event {
                case .request(let stream, _) where origin.path == "/upload":
                    origin.givesCredit = false
                    upload.withLock { $0 = stream }
                case .request(let stream, _):
                    if origin.path == "/open" {
                        origin.givesCredit = true
                        origin.session.consumed(65_535, of: upload.withLock { $0 })
                    }
                    origin.answer(stream, "ok")
                case .data:
                    let size = origin.payload.count
                    count.withLock { $0 += size }
                default: break
                }
            })
        let client = try StreamClient(origin.address, speaks: .h2c)
        let peer = try client.connect()
        #expect(try peer.get("/ok", on: 1).status == 200)
        try peer.send(StreamClient.request(3, "POST", "/upload", end: false))
        let piece = String(repeating: "a", count: 14_000)
        for _ in 0..<5 { try peer.send(Frame.data(3, piece, end: false)) }
        try Deadline.wait("a shut window") { count.withLock { $0 } == 65_535 }
        // All that stands before this request has been read with it.
        #expect(try peer.get("/ok", on: 5).status == 200)
        try client.worker.settle()
        try client.worker.advance(by: .seconds(31))
        #expect(try peer.get("/open", on: 7).status == 200)
        #expect(peer.streams[3]?.status == nil)
        try Deadline.wait("the rest") { count.withLock { $0 } == 70_000 }
        try client.worker.settle()
        try client.worker.advance(by: .seconds(31))
        #expect(try peer.stream(3).status == 408)
        try client.worker.stop()
    }
}
