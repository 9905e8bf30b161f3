import Bytes
import Config
import HTTP
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Clients of HTTP/2 and what is counted of them.
@Suite("Worker+HTTP2", .serialized)
struct WorkerHTTP2Tests {
    @Test("A request whose head is refused counts as one of HTTP/2")
    func refusedVersion() throws {
        let origin = try Origin { $0.echo() }
        let client = try StreamClient(origin.address)
        let peer = try client.connect()
        try peer.send(
            Frame.headers(1, [(":method", "GET"), (":scheme", "https"), (":path", "/")]))
        #expect(try peer.stream(1).status == 400)
        try client.worker.settle()
        #expect(try client.worker.sample("martlet_http_requests_total", "HTTP/2") == 1)
        #expect(client.worker.requestCount == 1)
    }

    @Test("A connection's last request is counted once as a limit, however many are under way")
    func requestsPerConnection() throws {
        let origin = try Origin { $0.echo() }
        let client = try StreamClient(origin.address) { $0.requestsPerConnection = 3 }
        let peer = try client.connect()
        try peer.send((0..<5).flatMap { StreamClient.request(UInt32(2 * $0 + 1)) })
        for index in 0..<5 { #expect(try peer.stream(UInt32(2 * index + 1)).status == 200) }
        try client.worker.settle()
        #expect(try client.worker.limits("requests_per_connection") == 1)
    }

    /// Each byte is given credit for once, whoever does not want it: the client here does not wait
    /// for credit, and would be told where there is none.
    @Test(
        "Bodies that nobody takes do not use up the connection's window",
        arguments: ["/large", "/early", "/reset"])
    func credit(path: String) throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        let client = try StreamClient(origin.address) {
            if path == "/large" { $0.requestBodyLimit = 10 }
            $0.http2.connectionWindow = 100_000
        }
        let peer = try client.connect()
        let half = String(repeating: "a", count: 15_000)
        for index in 0..<20 {
            let stream = UInt32(2 * index + 1)
            try peer.send(
                StreamClient.request(stream, "POST", path, end: false)
                    + Frame.data(stream, half, end: false, padding: 100))
            if path == "/reset" {
                try peer.send(Frame.data(stream, half, end: false) + Frame.reset(stream))
                try client.worker.settle()
            } else {
                try peer.send(Frame.data(stream, half, end: path == "/large"))
                #expect(try peer.stream(stream).status == (path == "/large" ? 413 : 200))
            }
        }
        #expect(try peer.get("/", on: 101).status == 200)
        #expect(peer.goAway == nil)
        try client.worker.settle()
        #expect(client.worker.requestCount == 21)
        try client.worker.waitForServer(origin.address, active: 0, idle: 0)
    }
}
