import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+GRPC", .serialized)
struct WorkerGRPCTests {
    private static let nobody = SocketAddress.ipv4(0x7f00_0001, port: 1)

    /// Whatever named the type was answered by 200, and the log showed nothing else.
    @Test(
        "A status of gRPC is for calls of gRPC, and not for whoever names its type",
        arguments: [
            ("POST", "/a.B/C", 200), ("GET", "/a.B/C", 503), ("PUT", "/a.B/C", 503),
            ("POST", "/a/../b", 400),
        ])
    func plain(method: String, path: String, status: Int) throws {
        let (worker, address) = try RunningWorker.plain(WorkerGRPCTests.nobody, speaks: .h2c)
        let peer = try Peer(address)
        try peer.send(
            head(
                "\(method) \(path) HTTP/1.1", "Host: localhost", "Content-Length: 0",
                "Content-Type: application/grpc"))
        let reply = try peer.reply()
        #expect(reply.status == status)
        #expect((reply.field("grpc-status") != nil) == (status == 200))
        try worker.stop()
    }

    @Test(
        "The same holds for streams",
        arguments: [("POST", "/a.B/C", 200), ("GET", "/a.B/C", 503), ("POST", "/a/../b", 400)])
    func streams(method: String, path: String, status: Int) throws {
        let client = try StreamClient(WorkerGRPCTests.nobody, speaks: .h2c)
        let peer = try client.connect()
        try peer.send(
            Frame.headers(
                1,
                [
                    (":method", method), (":scheme", "https"), (":authority", "localhost"),
                    (":path", path), ("content-type", "application/grpc"),
                ]))
        let answer = try peer.stream(1)
        #expect(answer.status == status && answer.isComplete)
        #expect(answer.body.isEmpty == (status == 200))
        try client.worker.stop()
    }
}
