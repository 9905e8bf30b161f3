import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Requests that come before the end of the handshake, and that no server is there for.
@Suite("Worker+Holding+EarlyData", .serialized)
struct WorkerHoldingEarlyDataTests {
    private static let get = head("GET /it HTTP/1.1", "Host: localhost")
    private let server: SocketAddress
    private let client: EarlyClient

    init() throws {
        server = try SocketAddress.vacant()
        client = try EarlyClient(
            server, BackendPolicy(retries: RetryConfig(wait: .seconds(1))), isClockStopped: true)
    }

    /// A client whose request is held, and whose handshake has ended where that is wanted.
    private func hold(endsHandshake: Bool) throws -> Peer {
        let peer = try client.early(WorkerHoldingEarlyDataTests.get)
        try client.worker.waitForQueue(1)
        if endsHandshake {
            try peer.finishHandshake()
            try client.worker.settle()
            try client.worker.waitForQueue(1)
        }
        return peer
    }

    @Test(
        "A request in early data is held, and served when a server is back",
        arguments: [true, false])
    func served(endsHandshake: Bool) throws {
        let peer = try hold(endsHandshake: endsHandshake)
        let origin = try Origin(at: server) { $0.echo() }
        try client.worker.advance(by: HeldLine.probeInterval)
        try Deadline.wait("the request") { origin.heads.count == 1 }
        // Whoever has sent it may have sent it elsewhere as well (RFC 8470 §5.1).
        #expect(origin.heads[0].contains("\r\nEarly-Data: 1\r\n"))
        if !endsHandshake { try peer.finishHandshake() }
        #expect(peer.isEarlyDataAccepted)
        let reply = try peer.reply()
        #expect(reply.status == 200 && reply.body.contains("/it"))
        try client.worker.waitForQueue(0)
        try peer.send(head("POST /next HTTP/1.1", "Host: localhost", "Content-Length: 0"))
        #expect(try peer.reply().body.contains("/next"))
        #expect(origin.heads.count == 2)
        #expect(!origin.heads[1].contains("Early-Data"))
        try client.worker.stop()
    }

    @Test(
        "A request in early data for which no server comes is told so at the end of the wait",
        arguments: [true, false])
    func unserved(endsHandshake: Bool) throws {
        let peer = try hold(endsHandshake: endsHandshake)
        try client.worker.advance(by: .seconds(1) - .nanoseconds(1))
        try client.worker.waitForQueue(1)
        try client.worker.advance(by: .nanoseconds(1))
        try client.worker.waitForQueue(0)
        if !endsHandshake { try peer.finishHandshake() }
        #expect(peer.isEarlyDataAccepted)
        let reply = try peer.reply()
        #expect(reply.status == 503 && reply.body.contains("No server is available"))
        let origin = try Origin(at: server) { $0.echo() }
        try peer.send(head("GET /next HTTP/1.1", "Host: localhost"))
        try waitForRequest(at: origin)
        #expect(try peer.reply().body.contains("/next"))
        #expect(!origin.heads[0].contains("Early-Data"))
        try client.worker.stop()
    }

    /// The server is avoided for a while, so that the request may be held before it is served.
    private func waitForRequest(at origin: Origin) throws {
        try Deadline.wait("a request") {
            let isHeld = try client.worker.queued > 0
            if isHeld { try client.worker.advance(by: HeldLine.probeInterval) }
            return origin.heads.count == 1
        }
    }

    @Test("Who goes away, or breaks the handshake, is held no more", arguments: [true, false])
    func gone(breaks: Bool) throws {
        let peer = try hold(endsHandshake: false)
        if breaks { try peer.sendRaw([23, 3, 3, 0, 1, 0].span) } else { peer.reset() }
        try client.worker.waitForQueue(0)
        try client.worker.waitForConnections(0)
        let origin = try Origin(at: server) { $0.echo() }
        try client.worker.advance(by: HeldLine.probeInterval)
        #expect(origin.connectionCount == 0)
        try client.worker.stop()
    }

    @Test("A handshake has its time while its request is held")
    func deadline() throws {
        let client = try EarlyClient(
            server, BackendPolicy(retries: RetryConfig(wait: .seconds(60))), isClockStopped: true)
        let peer = try client.early(WorkerHoldingEarlyDataTests.get)
        try client.worker.waitForQueue(1)
        try client.worker.advance(by: .seconds(29))
        try client.worker.waitForQueue(1)
        try client.worker.advance(by: .seconds(2))
        try client.worker.waitForConnections(0)
        try client.worker.waitForQueue(0)
        let origin = try Origin(at: server) { $0.echo() }
        try client.worker.advance(by: HeldLine.probeInterval)
        #expect(origin.connectionCount == 0)
        withExtendedLifetime(peer) {}
        try client.worker.stop()
    }
}
