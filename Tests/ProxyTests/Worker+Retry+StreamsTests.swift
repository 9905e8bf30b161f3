import Config
import Foundation
import HTTP
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Proxy

/// Bodies that are sent again where streams are on either side.
@Suite("Worker+Retry, streams", .serialized)
struct WorkerRetryStreamsTests {
    /// What servers of HTTP/2 saw, and what they do with the first attempts.
    private final class Script: Sendable {
        struct State {
            var bodies: [[UInt8]] = []
            var numbers: [String: Int] = [:]
            var fates: [HTTP2ErrorCode?]
        }

        let state: Mutex<State>

        init(_ fates: HTTP2ErrorCode?...) { state = Mutex(State(fates: fates)) }

        var bodies: [[UInt8]] { state.withLock { $0.bodies } }

        /// Takes a body to its end, and answers; or resets the stream at its first byte.
        func act(_ server: Int, _ origin: StreamOrigin, _ event: HTTP2Event) {
            switch event {
            case .request(let stream, _):
                state.withLock {
                    $0.numbers["\(server)/\(stream)"] = $0.bodies.count
                    $0.bodies.append([])
                }
            case .data(let stream, _, _):
                let code = state.withLock { state -> HTTP2ErrorCode? in
                    guard let number = state.numbers["\(server)/\(stream)"] else { return nil }
                    state.bodies[number] += origin.payload
                    return number < state.fates.count ? state.fates[number] : nil
                }
                if let code { origin.session.reset(stream, code) }
            case .end(let stream, _, _): origin.answer(stream, "done")
            default: break
            }
        }
    }

    private func origins(_ script: Script) throws -> [Origin] {
        try (0..<2).map { server in
            try Origin(StreamOrigin.script { script.act(server, $0, $1) })
        }
    }

    private static let policy = BackendPolicy(
        retries: RetryConfig(attempts: 1, causes: RetryCause.allCases))

    @Test(
        "An idempotent request whose stream is reset goes to another server with its body",
        arguments: [1, 1_000, 65_536])
    func reset(size: Int) throws {
        let script = Script(.internalError)
        let origins = try origins(script)
        let (worker, address) = try RunningWorker.serving(
            origins.map(\.address), WorkerRetryStreamsTests.policy, speaks: .h2c)
        let peer = try Peer(address)
        let body = WorkerRetryTests.body(size)
        try peer.send(WorkerRetryTests.request("PUT", body))
        #expect(try peer.reply().body == "done")
        #expect(script.bodies.last == Array(body.utf8))
        #expect(origins.map(\.connectionCount) == [1, 1])
        try worker.stop()
    }

    @Test("A stream that is refused unread is sent again, whatever the method")
    func refused() throws {
        let script = Script(.refusedStream)
        let origins = try origins(script)
        let (worker, address) = try RunningWorker.serving(
            origins.map(\.address), WorkerRetryStreamsTests.policy, speaks: .h2c)
        let peer = try Peer(address)
        let body = WorkerRetryTests.body(20_000)
        try peer.send(WorkerRetryTests.request("POST", body))
        #expect(try peer.reply().body == "done")
        #expect(script.bodies.last == Array(body.utf8))
        try worker.stop()
    }

    @Test("A stream that is reset for any other reason runs once, unless that is the same as twice")
    func notIdempotent() throws {
        let script = Script(.internalError)
        let origins = try origins(script)
        let (worker, address) = try RunningWorker.serving(
            origins.map(\.address), WorkerRetryStreamsTests.policy, speaks: .h2c)
        let peer = try Peer(address)
        try peer.send(WorkerRetryTests.request("POST", "body"))
        #expect(try peer.reply().status == 502)
        #expect(script.bodies.count == 1)
        try worker.stop()
    }

    @Test(
        "A stream's body is sent again, whatever the server speaks",
        arguments: [1, 1_000, 60_000], [BackendProtocol.http1, .h2c])
    func streams(size: Int, speaks: BackendProtocol) throws {
        let script = Script(.internalError)
        let cluster = try Cluster(servers: 2, .reset(after: size / 2))
        let origins = try origins(script)
        let client = try StreamClient(
            speaks == .h2c ? origins.map(\.address) : cluster.addresses,
            WorkerRetryStreamsTests.policy, speaks: speaks)
        let peer = try client.connect()
        let body = Array(WorkerRetryTests.body(size).utf8)
        try peer.send(StreamClient.request(1, "PUT", "/", end: false))
        for start in stride(from: 0, to: size, by: 16_000) {
            let end = min(size, start + 16_000)
            let piece = String(decoding: body[start..<end], as: UTF8.self)
            try peer.send(Frame.data(1, piece, end: end == size))
        }
        #expect(try peer.stream(1).status == 200)
        let last =
            speaks == .h2c ? script.bodies.last : cluster.attempts.last.map { Array($0.body.utf8) }
        #expect(last == body)
        let count = speaks == .h2c ? script.bodies.count : cluster.attempts.count
        #expect(count == 2)
        try client.worker.stop()
    }

    @Test("A status that counts as a failure is asked of another server of HTTP/2")
    func status() throws {
        let count = Mutex(0)
        let origins = try (0..<2).map { _ in
            try Origin(
                StreamOrigin.script { origin, event in
                    guard case .request(let stream, _) = event else { return }
                    let number = count.withLock { count in
                        count += 1
                        return count
                    }
                    if number == 1 {
                        origin.respond(stream, "503")
                        origin.send(stream, Array("busy".utf8))
                    } else {
                        origin.answer(stream, "done")
                    }
                })
        }
        let (worker, address) = try RunningWorker.serving(
            origins.map(\.address), WorkerRetryStreamsTests.policy, speaks: .h2c)
        let peer = try Peer(address)
        try peer.send(WorkerRetryTests.request("GET"))
        let reply = try peer.reply()
        #expect(reply.status == 200 && reply.body == "done")
        #expect(origins.map(\.connectionCount) == [1, 1])
        try worker.stop()
    }
}
