import Bytes
import Config
import HTTP
import Platform
import TestSupport
import Testing

@testable import Proxy

/// WebSocket towards servers that speak HTTP/2.
@Suite("Worker+SharedTunnel", .serialized)
struct WorkerSharedTunnelTests {
    static let upgrade = head(
        "GET /chat HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")

    @Test("An upgrade becomes an extended CONNECT, and its stream carries both directions")
    func tunnel() throws {
        let origin = try Origin(
            StreamOrigin.script { origin, event in
                switch event {
                case .request(let stream, _):
                    let asked = String(copying: origin.request.tunnelProtocol)
                    let isRight =
                        origin.request.method == .connect && origin.path == "/chat"
                        && asked == "websocket"
                    origin.respond(stream, isRight ? "200" : "400", endsStream: !isRight)
                case .data(let stream, _, _): origin.send(stream, origin.payload, ends: false)
                case .end(let stream, _, _): origin.send(stream, Array("bye".utf8))
                default: break
                }
            })
        let (worker, address) = try RunningWorker.plain(origin.address, speaks: .h2c)
        let peer = try Peer(address)
        try peer.send(WorkerSharedTunnelTests.upgrade)
        let head = try peer.until("\r\n\r\n")
        #expect(head.hasPrefix("HTTP/1.1 101 "))
        // The example of RFC 6455 §1.3.
        #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
        for text in ["one", "two"] {
            try peer.send(text)
            #expect(try peer.exactly(3) == text)
        }
        try peer.finish()
        #expect(try peer.receiveAll() == "bye")
        #expect(peer.isCleanlyClosed)
        _ = worker
    }

    @Test("A server that takes no tunnels is a bad gateway; other upgrades are not followed")
    func without() throws {
        var settings = HTTP2Settings()
        settings.allowsExtendedConnect = false
        let origin = try Origin(
            StreamOrigin.script(settings: settings, WorkerSharedTests.echo))
        let (worker, address) = try RunningWorker.plain(origin.address, speaks: .h2c)
        let peer = try Peer(address)
        try peer.send(WorkerSharedTunnelTests.upgrade)
        let reply = try peer.reply()
        #expect(reply.status == 502)
        #expect(reply.body.contains("tunnels"))
        _ = worker
    }

    /// It became a CONNECT, and its content the first bytes of the tunnel.
    @Test(
        "An upgrade that is no GET, or has content, is not followed",
        arguments: [("POST", 5), ("POST", 0), ("GET", 5)])
    func content(method: String, length: Int) throws {
        let origin = try Origin(
            StreamOrigin.script { origin, event in
                guard case .request(let stream, _) = event else { return }
                let name = String(copying: origin.request.methodBytes)
                origin.answer(stream, "\(name) \(origin.request.hasTunnelProtocol)")
            })
        let (worker, address) = try RunningWorker.plain(origin.address, speaks: .h2c)
        let peer = try Peer(address)
        try peer.send(
            head(
                "\(method) /chat HTTP/1.1", "Host: localhost", "Connection: Upgrade",
                "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Content-Length: \(length)")
                + "hello".prefix(length))
        let reply = try peer.reply()
        #expect(reply.status == 200)
        #expect(reply.body == "\(method) false")
        _ = worker
    }
}
