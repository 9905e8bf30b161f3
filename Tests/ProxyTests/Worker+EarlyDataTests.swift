import TestSupport
import Testing

@testable import Proxy

/// Requests that come before the end of the handshake.
@Suite("Worker+EarlyData", .serialized)
struct WorkerEarlyDataTests {
    private let origin: Origin
    private let client: EarlyClient

    init() throws {
        origin = try Origin { $0.echo() }
        client = try EarlyClient(origin.address)
    }

    private var worker: RunningWorker { client.worker }
    private var heads: [String] { origin.heads }

    private func early(_ text: String) throws -> Peer { try client.early(text) }

    private func waitForHeads(_ count: Int) throws {
        try Deadline.wait("\(count) requests") { heads.count == count }
    }

    @Test("Safe requests are served at once, and marked", arguments: ["GET", "HEAD", "OPTIONS"])
    func safe(_ method: String) throws {
        let peer = try early("\(method) / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        try waitForHeads(1)
        #expect(heads[0].contains("\r\nEarly-Data: 1\r\n"))
        try peer.finishHandshake()
        #expect(peer.isEarlyDataAccepted)
        #expect(try peer.reply(to: method).status == 200)
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try peer.reply().status == 200)
        #expect(!heads[1].contains("Early-Data"))
        try worker.stop()
    }

    @Test(
        "Everything else waits for the end of the handshake",
        arguments: [
            ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\nab", 200),
            ("PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
            ("DELETE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
            ("TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\na", 200),
            (
                "GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                200
            ),
            (
                "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n",
                200
            ),
            ("GET / HTTP/1.1\r\n\r\n", 400),
            // Of a site that takes none, behind the name of one that does.
            ("GET / HTTP/1.1\r\nHost: strict.localhost\r\n\r\n", 200),
        ])
    func others(_ request: String, _ status: Int) throws {
        let peer = try early(request)
        #expect(heads.isEmpty)
        try peer.finishHandshake()
        #expect(peer.isEarlyDataAccepted)
        #expect(try peer.reply().status == status)
        #expect(heads.count == (status == 200 ? 1 : 0))
        #expect(!heads.contains { $0.contains("Early-Data") })
        try worker.stop()
    }

    @Test("A request behind a safe one waits for the end of the handshake")
    func pipelined() throws {
        let peer = try early(
            "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
                + "POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"
                + "GET /c HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try waitForHeads(1)
        try worker.settle()
        #expect(heads.count == 1)
        try peer.finishHandshake()
        for path in ["/a", "/b", "/c"] {
            let reply = try peer.reply()
            #expect(reply.body.contains(path))
            #expect(reply.body.contains("Early-Data") == (path == "/a"))
        }
        try worker.stop()
    }

    @Test("A head that ends behind the handshake is that of a usual request")
    func splitHead() throws {
        let peer = try early("GET / HTTP/1.1\r\nHost: local")
        try peer.finishHandshake()
        try peer.send("host\r\n\r\n")
        let reply = try peer.reply()
        #expect(reply.status == 200 && !reply.body.contains("Early-Data"))
        try worker.stop()
    }

    @Test("A connection that is to end says so once the handshake has ended")
    func closing() throws {
        let peer = try early("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        try waitForHeads(1)
        try peer.finishHandshake()
        #expect(try peer.reply().status == 200)
        #expect(try peer.receiveAll() == "")
        #expect(peer.isCleanlyClosed)
        try worker.stop()
    }

    @Test("The handshake has its time, whatever is served meanwhile", arguments: ["GET", "POST"])
    func deadline(_ method: String) throws {
        let peer = try early("\(method) / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        if method == "GET" { try waitForHeads(1) }
        try worker.advance(by: .seconds(29))
        let probe = try client.connect()
        try worker.advance(by: .seconds(2))
        #expect(throws: TestFailure.self) {
            try peer.finishHandshake()
            _ = try peer.reply()
            try peer.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _ = try peer.reply()
        }
        #expect(!heads.contains { $0.contains("/late") })
        try probe.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try probe.reply().status == 200)
        try worker.stop()
    }

    @Test(
        "A handshake that fails behind early data ends the connection", arguments: ["GET", "PUT"])
    func broken(_ method: String) throws {
        let peer = try early("\(method) / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try peer.sendRaw([23, 3, 3, 0, 1, 0].span)
        try worker.settle()
        #expect(throws: TestFailure.self) {
            try peer.finishHandshake()
            try peer.send("GET /late HTTP/1.1\r\nHost: localhost\r\n\r\n")
            _ = try peer.reply()
            _ = try peer.reply()
        }
        #expect(!heads.contains { $0.contains("/late") || $0.hasPrefix("PUT") })
        try worker.stop()
    }

    @Test("A client that goes away before the end of the handshake leaves nothing behind")
    func gone() throws {
        for method in ["GET", "POST"] {
            let peer = try early("\(method) / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            peer.reset()
        }
        try worker.waitForConnections(0)
        try worker.stop()
    }
}
