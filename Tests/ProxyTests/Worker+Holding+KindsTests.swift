import Config
import Dispatch
import HTTP
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Whatever the protocols at either end, a server that is back is waited for.
@Suite("Worker+Holding+Kinds", .serialized)
struct WorkerHoldingKindsTests {
    /// What a connect may take, and what the wheel adds.
    private static let connect = Duration.milliseconds(5_050)

    @Test("Streams of a server are held, and share its connection when it is back")
    func shared() throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server], speaks: .h2c))
        let bodies = head("POST /1 HTTP/1.1", "Host: localhost", "Content-Length: 4") + "body"
        let peers = try [scene.hold(1), scene.hold(2, bodies), scene.hold(3)]
        try scene.probe()
        try scene.wait(held: 3)
        try scene.open(
            server,
            StreamOrigin.script { origin, event in
                switch event {
                case .request(let stream, let endsStream) where endsStream:
                    origin.answer(stream, "here")
                case .data(let stream, _, _):
                    origin.answer(stream, String(decoding: origin.payload, as: UTF8.self))
                default: break
                }
            })
        scene.driven.advance(by: HeldLine.probeInterval)
        for (peer, body) in zip(peers, ["here", "body", "here"]) {
            #expect(try scene.reply(peer).body == body)
        }
        #expect(scene.connections == 1)
        #expect(try scene.held == 0)
    }

    @Test("A connection that no server took is held as streams are", arguments: [true, false])
    func hole(isShared: Bool) throws {
        let hole = try Blackhole()
        let scene = try HoldingScene(
            HoldingScene.setup([hole.address], speaks: isShared ? .h2c : .http1))
        let peers = try [scene.ask(), scene.ask()]
        try scene.driven.turn("two that wait") {
            scene.driven.worker.tallies["group0"]?.pending == 2
        }
        scene.driven.advance(by: WorkerHoldingKindsTests.connect)
        try scene.wait(held: 2)
        scene.driven.advance(by: .seconds(1))
        for peer in peers { #expect(try scene.reply(peer).status == 504) }
        #expect(scene.driven.worker.tallies["group0"]?.pending == 0)
    }

    @Test("An attempt under way at the end of the wait has its time")
    func late() throws {
        let hole = try Blackhole()
        let scene = try HoldingScene(HoldingScene.setup([hole.address]))
        let peer = try scene.ask()
        try scene.driven.turn("a connect") { scene.driven.upstream?.phase == .connecting }
        scene.driven.advance(by: WorkerHoldingKindsTests.connect)
        try scene.wait(held: 1)
        scene.driven.advance(by: HeldLine.probeInterval)
        #expect(try scene.held == 0)
        scene.driven.advance(by: .seconds(4))
        #expect(!peer.hasInput(within: .zero))
        scene.driven.advance(by: .seconds(2))
        #expect(try scene.reply(peer).status == 504)
    }

    @Test("A connection of a TCP site is held, and closed when the time is over")
    func bytes() throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server], isTCP: true))
        let first = try scene.hold(1, "")
        scene.driven.advance(by: .milliseconds(500))
        let second = try scene.hold(2)
        scene.driven.advance(by: .milliseconds(500) - .nanoseconds(1))
        try scene.wait(held: 2)
        scene.driven.advance(by: .nanoseconds(1))
        try scene.wait(held: 1)
        #expect(try first.receiveAll() == "")
        try scene.open(server)
        try scene.probe()
        #expect(try scene.reply(second).status == 200)
        #expect(try scene.held == 0)
    }

    @Test("Who stands in the line when the server goes away is held")
    func line() throws {
        let end = DispatchSemaphore(value: 0)
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server], requests: 1))
        let first = try scene.occupy(server, until: end)
        let second = try scene.hold()
        #expect(scene.driven.worker.holding.isEmpty)
        try scene.close(server)
        end.signal()
        #expect(try scene.reply(first).status == 502)
        try scene.driven.turn("one held") { scene.driven.worker.holding.count == 1 }
        #expect(try scene.held == 1)
        try scene.open(server)
        try scene.probe()
        #expect(try scene.reply(second).status == 200)
        #expect(try scene.held == 0)
    }

    private static let call = head(
        "POST /a.B/C HTTP/1.1", "Host: localhost", "Content-Length: 4",
        "Content-Type: application/grpc")

    @Test("A call of gRPC is held, and hears its status when the time is over")
    func grpc() throws {
        let server = try SocketAddress.vacant()
        let scene = try HoldingScene(HoldingScene.setup([server], speaks: .h2c))
        let first = try scene.hold(1, WorkerHoldingKindsTests.call + "call")
        scene.driven.advance(by: .milliseconds(500))
        let second = try scene.hold(2, WorkerHoldingKindsTests.call + "call")
        scene.driven.advance(by: .milliseconds(500))
        let reply = try scene.reply(first)
        #expect(reply.status == 200)
        #expect(reply.field("grpc-status") == "14")
        try scene.wait(held: 1)
        try scene.open(server, WorkerHoldingKindsTests.echo)
        scene.driven.advance(by: HeldLine.probeInterval)
        let answer = try scene.reply(second)
        #expect(answer.status == 200)
        #expect(answer.body == "call")
        #expect(answer.field("grpc-status") == nil)
    }

    @Test(
        "A call of gRPC on a stream hears its status when the time is over",
        arguments: [BackendProtocol.http1, .h2c], [true, false])
    func grpcStream(speaks: BackendProtocol, hasEnd: Bool) throws {
        let client = try StreamClient(
            [.vacant()], BackendPolicy(retries: RetryConfig(wait: .milliseconds(200))),
            speaks: speaks)
        let answer = try client.call(hasEnd: hasEnd).finish()
        #expect(answer.status == 200)
        #expect(answer.fields["content-type"] == "application/grpc")
        #expect(answer.fields["grpc-status"] == "14")
        #expect(answer.fields["grpc-message"]?.contains("No server is available") == true)
        // Trailers alone: the head ends the stream, and RST_STREAM with NO_ERROR may follow.
        #expect(answer.isComplete && answer.body.isEmpty && answer.trailers.isEmpty)
        #expect(try client.worker.queued == 0)
        try client.worker.stop()
    }

    @Test("A call of gRPC that was held on a stream hears the status of its server")
    func grpcServed() throws {
        let server = try SocketAddress.vacant()
        let client = try StreamClient(
            [server], BackendPolicy(retries: RetryConfig(wait: .seconds(60))), speaks: .h2c)
        let call = try client.call()
        try client.worker.waitForQueue(1)
        let origin = try Origin(
            at: server,
            StreamOrigin.script { origin, event in
                switch event {
                case .data(let stream, _, _):
                    origin.respond(stream, "200", [("content-type", "application/grpc")])
                    origin.send(stream, origin.payload, ends: false)
                case .end(let stream, _, _):
                    origin.send(stream, [], trailers: [("grpc-status", "5")])
                default: break
                }
            })
        let answer = try call.finish()
        #expect(answer.status == 200 && answer.isComplete)
        #expect(answer.body == "call")
        #expect(answer.fields["grpc-status"] == nil)
        #expect(answer.trailers == ["grpc-status": "5"])
        #expect(origin.connectionCount == 1)
        try client.worker.stop()
    }

    @Test(
        "A body that comes while its stream is held reaches the server whole",
        arguments: [BackendProtocol.http1, .h2c], [true, false])
    func body(speaks: BackendProtocol, hasEnded: Bool) throws {
        let server = try SocketAddress.vacant()
        let client = try StreamClient(
            [server], BackendPolicy(retries: RetryConfig(wait: .seconds(60))), speaks: speaks)
        let peer = try client.connect()
        try peer.send(StreamClient.request(1, "POST", end: false))
        try client.worker.waitForQueue(1)
        try peer.send(Frame.data(1, "first,", end: false))
        try peer.send(Frame.data(1, "second", end: hasEnded))
        try peer.send(Frame.ping())
        while peer.pings == 0, try peer.receive() {}
        let origin = try Origin(at: server) { connection in
            if speaks == .http1 {
                connection.echo()
            } else {
                try WorkerHoldingKindsTests.echo(connection)
            }
        }
        if !hasEnded {
            try client.worker.waitForQueue(0)
            try peer.send(Frame.data(1))
        }
        let stream = try peer.stream(1)
        #expect(stream.status == 200)
        let body = String(decoding: stream.body, as: UTF8.self)
        if speaks == .h2c {
            #expect(body == "first,second")
        } else {
            let chunks = body.split(separator: "\r\n").filter {
                $0.count > 1 && "first,second".contains($0)
            }
            #expect(chunks.joined() == "first,second")
        }
        #expect(origin.connectionCount == 1)
        try client.worker.stop()
    }

    /// A server that answers with what it is sent.
    private static let echo = StreamOrigin.script { origin, event in
        switch event {
        case .request(let stream, let endsStream): origin.respond(stream, endsStream: endsStream)
        case .data(let stream, _, _): origin.send(stream, origin.payload, ends: false)
        case .end(let stream, _, _): origin.send(stream, [])
        default: break
        }
    }

    @Test("Streams of a client are held, and one that is reset leaves", arguments: [false, true])
    func streams(isReset: Bool) throws {
        let server = try SocketAddress.vacant()
        let client = try StreamClient(
            [server], BackendPolicy(retries: RetryConfig(wait: .seconds(60))))
        let peer = try client.connect()
        for stream: UInt32 in [1, 3] { try peer.send(StreamClient.request(stream)) }
        try client.worker.waitForQueue(2)
        if isReset {
            try peer.send(Frame.reset(3))
            try client.worker.waitForQueue(1)
        }
        let origin = try Origin(at: server) { $0.echo() }
        for stream: UInt32 in isReset ? [1] : [1, 3] {
            #expect(try peer.stream(stream).status == 200)
        }
        try client.worker.waitForQueue(0)
        #expect(origin.heads.count == (isReset ? 1 : 2))
        try client.worker.stop()
    }
}
