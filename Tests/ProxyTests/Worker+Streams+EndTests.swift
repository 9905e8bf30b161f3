import Bytes
import Config
import Foundation
import HTTP
import Platform
import Synchronization
import TLS
import TestSupport
import Testing

@testable import Proxy

/// How streams and their connections end.
@Suite("Worker+Streams+End", .serialized)
struct WorkerStreamsEndTests {
    // MARK: - A drain's deadline

    /// A server that signals a request, and never answers.
    private static func silent(
        _ speaks: BackendProtocol, _ asked: DispatchSemaphore
    ) throws -> Origin {
        if speaks == .http1 {
            return try Origin { connection in
                _ = connection.readHead()
                asked.signal()
                _ = connection.readToEnd()
            }
        }
        return try Origin(
            StreamOrigin.script { _, event in
                if case .request = event { asked.signal() }
            })
    }

    /// Lets a drain say both its words and then run out of time; what has become of stream 1.
    private func outlast(_ client: StreamClient, _ peer: StreamPeer) throws -> StreamPeer.Stream {
        let deadline = client.worker.clock.now() + .seconds(5)
        client.worker.post(.drain(deadline: deadline))
        while peer.goAway == nil, try peer.receive() {}
        let count = peer.byteCount
        client.worker.clock.advance(by: Worker.goodbyePause + .milliseconds(100))
        // It hears the same once more, and so looks at the clock.
        client.worker.post(.drain(deadline: deadline))
        while peer.byteCount == count, try peer.receive() {}
        client.worker.clock.advance(by: .seconds(5))
        client.worker.post(.drain(deadline: deadline))
        return try peer.stream(1)
    }

    /// REFUSED_STREAM says that nobody has looked at the request: a client may send it once more,
    /// whatever it asks for (RFC 9113 §8.7).
    @Test(
        "A stream that a server has heard of is cancelled by the end of a drain, and not refused",
        arguments: [BackendProtocol.http1, .h2c])
    func heard(speaks: BackendProtocol) throws {
        let asked = DispatchSemaphore(value: 0)
        let origin = try WorkerStreamsEndTests.silent(speaks, asked)
        let client = try StreamClient(origin.address, speaks: speaks)
        let peer = try client.connect()
        try peer.send(StreamClient.request(1))
        try #require(asked.wait(timeout: .now() + 20) == .success)
        #expect(try outlast(client, peer).reset == 8)
        #expect(try client.worker.waitForStop() == 1)
    }

    @Test("A stream that no server has heard of is refused by the end of a drain")
    func unheard() throws {
        let hole = try Blackhole()
        var timeouts = TimeoutConfig()
        timeouts.upstreamConnect = .seconds(60)
        let client = try StreamClient(hole.address, timeouts: timeouts)
        let peer = try client.connect()
        try peer.send(StreamClient.request(1))
        try client.worker.waitForServer(hole.address, active: 1, idle: 0)
        #expect(try outlast(client, peer).reset == 7)
        #expect(try client.worker.waitForStop() == 1)
    }

    // MARK: - A shut window

    /// Answers `/empty` as a whole, and anything else by a head and what follows.
    private func headed(
        _ follow: @escaping @Sendable (StreamOrigin, Int32) -> Void
    ) throws -> Origin {
        try Origin(
            StreamOrigin.script { origin, event in
                guard case .request(let stream, _) = event else { return }
                if origin.path == "/empty" {
                    return origin.respond(stream, "204", endsStream: true)
                }
                origin.respond(stream)
                follow(origin, stream)
            })
    }

    /// A client whose windows are shut, and which the worker knows to have them so.
    private func shut(_ client: StreamClient) throws -> StreamPeer {
        let peer = try client.connect(settings: [(4, 0)])
        // With its answer the client has acknowledged our SETTINGS.
        #expect(try peer.get("/empty", on: 1).status == 204)
        return peer
    }

    /// Nothing that could be counted waited for the client: after a minute the server was blamed,
    /// and where its connection had ended, nobody ever looked at the stream again.
    @Test(
        "Trailers without a body wait for the client's window as long as a body would",
        arguments: [false, true])
    func trailersAlone(isClosed: Bool) throws {
        let origin = try headed { origin, stream in
            origin.send(stream, [], trailers: [("x-tail", "end")])
            guard isClosed else { return }
            origin.flush()
            origin.connection.finish()
        }
        let client = try StreamClient(origin.address, speaks: .h2c)
        let peer = try shut(client)
        try peer.send(StreamClient.request(3, "GET", "/tail"))
        while peer.streams[3]?.status == nil, try peer.receive() {}
        #expect(peer.streams[3]?.status == 200)
        try client.worker.waitForServer(origin.address, active: isClosed ? 0 : 1, idle: 0)
        try client.worker.settle()
        try client.worker.advance(by: .seconds(31))
        let stream = try peer.stream(3)
        #expect(stream.reset == 8 && !stream.isComplete)
        try client.worker.waitForServer(origin.address, active: 0, idle: isClosed ? 0 : 1)
        let failures = try client.worker.sample(
            "martlet_upstream_failures_total", "\(origin.address)")
        #expect(failures == 0)
        #expect(client.worker.requestCount == 2)
        #expect(try peer.get("/empty", on: 5).status == 204)
        try client.worker.stop()
    }

    /// The trailers that say so had no deadline where there was nothing in front of them.
    @Test("A call that a server breaks off waits for the client's window as long as a body would")
    func brokenCall() throws {
        let origin = try headed { origin, _ in
            origin.flush()
            origin.connection.finish()
        }
        let client = try StreamClient(origin.address, speaks: .h2c)
        let peer = try shut(client)
        try peer.send(
            Frame.headers(
                3,
                [
                    (":method", "POST"), (":scheme", "https"), (":authority", "localhost"),
                    (":path", "/a.B/C"), ("content-type", "application/grpc"), ("te", "trailers"),
                ]))
        while peer.streams[3]?.status == nil, try peer.receive() {}
        try client.worker.waitForServer(origin.address, active: 0, idle: 0)
        try client.worker.settle()
        try client.worker.advance(by: .seconds(31))
        #expect(try peer.stream(3).reset == 8)
        try client.worker.stop()
    }

    // MARK: - The last GOAWAY

    /// A client of HTTP/2 on a thread of its own, which asks for two things, and reads nothing
    /// before it is told to.
    private final class LateReader: Sendable {
        /// What has come in the end.
        struct Told: Sendable {
            var first: StreamPeer.Stream?
            var goAway: UInt32?
        }

        /// Lets it reset stream 3.
        let resets = DispatchSemaphore(value: 0)
        /// Lets it read to the end, behind that.
        let reads = DispatchSemaphore(value: 0)
        /// What has come; nil before the end.
        let told = Mutex<Told?>(nil)

        func start(_ address: SocketAddress, trusting trusted: [UInt8]) {
            Foundation.Thread { [self] in
                guard let context = try? TLSClientContext(trusted: trusted, alpn: ["h2"]),
                    let peer = try? Peer(address, tls: context, serverName: "localhost"),
                    let client = try? StreamPeer(over: peer, settings: [(4, 0x7fff_ffff)])
                else { return }
                try? client.send(
                    Frame.windowUpdate(0, 0x7fff_0000)
                        + StreamClient.request(1, "GET", "/gated")
                        + StreamClient.request(3, "GET", "/endless"))
                resets.wait()
                try? client.send(Frame.reset(3))
                reads.wait()
                try? client.drain()
                let last = Told(first: client.streams[1], goAway: client.goAway)
                told.withLock { $0 = last }
            }.start()
        }
    }

    /// True exactly when as much waits for the only client as is written at a time.
    private func isFull(_ driven: DrivenWorker) -> Bool {
        guard let connection = driven.worker.downstreams.element(at: 0),
            connection.link?.count == 2
        else { return false }
        // What the server has brought goes as far as there is room.
        driven.worker.markDirty(connection)
        return !connection.canWrite && connection.outbound.count >= Worker.bytesPerTurn
    }

    /// A server that answers `/gated` with a head once it may, and everything else without end.
    private func gated(_ gate: DispatchSemaphore) throws -> Origin {
        try Origin { connection in
            guard connection.readHead()?.contains("/gated") == true else {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
                let piece = [UInt8](repeating: 0, count: 65_536)
                while connection.send(piece) {}
                return
            }
            gate.wait()
            connection.send("HTTP/1.1 304 Not Modified\r\n\r\n")
            _ = connection.readToEnd()
        }
    }

    /// The connection was closed behind what waited, and the head was never written.
    @Test("A head that ends the last stream behind the last GOAWAY reaches a client that lags")
    func lastHead() throws {
        let gate = DispatchSemaphore(value: 0)
        let origin = try gated(gate)
        let authority = try TestAuthority()
        let pair = try authority.issue("localhost")
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        var setup = WorkerSetup(sites: [.init(credential: credential, servers: [origin.address])])
        setup.protocols = ["h2"]
        let driven = try DrivenWorker(setup, isClockStopped: true)
        let client = LateReader()
        defer {
            for signal in [gate, client.resets, client.reads] { signal.signal() }
        }
        client.start(driven.address, trusting: authority.pair.certificate)
        // Until the kernel takes nothing any more, at either end.
        var turns = 0
        try driven.turn("a client that takes nothing") {
            turns = isFull(driven) ? turns + 1 : 0
            return turns == 40
        }
        let accepted = driven.worker.downstreams.element(at: 0)
        let connection = try #require(accepted)
        client.resets.signal()
        try driven.turn("the end of what fills it") { connection.link?.count == 1 }
        driven.worker.plan.mailbox.post(.drain(deadline: .distantFuture))
        try driven.turn("the first GOAWAY") { connection.link?.goodbye == .announced }
        driven.advance(by: Worker.goodbyePause + .milliseconds(100))
        try driven.turn("the last GOAWAY") { connection.link?.goodbye == .final }
        let waiting = connection.outbound.count
        try #require(waiting >= Worker.bytesPerTurn)
        gate.signal()
        try driven.turn("the end of the last stream") { connection.phase == .closing }
        client.reads.signal()
        try driven.turn("the client's end") { client.told.withLock { $0 != nil } }
        let told = client.told.withLock { $0 }
        #expect(told?.first?.status == 304)
        #expect(told?.first?.isComplete == true)
        #expect(told?.goAway == 0)
    }
}
