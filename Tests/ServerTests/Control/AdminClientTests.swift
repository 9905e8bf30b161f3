import Bytes
import Platform
import TestSupport
import Testing

@testable import Server

struct AdminClientTests {
    /// A server whose handler answers with what it was asked.
    private func serve(
        at address: SocketAddress = Samples.anyPort, body: [UInt8] = Array("done".utf8)
    ) throws -> ControlServer {
        try ControlServer(address: address) { request in
            let isControl = request.value(of: "x-martlet-control") == "1"
            guard isControl, AdminEndpoint.isTrusted(host: request.host) else {
                return .text(403, "no")
            }
            let status = request.path == "/reload" ? 422 : 200
            return ControlResponse(status: status, contentType: "text/plain", body: body)
        }
    }

    @Test("The status and the body of the answer come back")
    func request() throws {
        let server = try serve()
        let status = try AdminClient.request("GET", "/status", at: "\(server.address)")
        #expect(status.status == 200)
        #expect(status.body == Array("done".utf8))
        #expect(try AdminClient.request("POST", "/reload", at: "\(server.address)").status == 422)
        #expect(try AdminClient.request("HEAD", "/", at: "\(server.address)").body.isEmpty)
    }

    @Test("A long answer comes back whole")
    func longAnswer() throws {
        let body = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let server = try serve(body: body)
        #expect(try AdminClient.request("GET", "/", at: "\(server.address)").body == body)
    }

    @Test("An instance on a path is asked as well")
    func unixSocket() throws {
        let path = "/tmp/martlet-admin-\(MonotonicTime.now().nanoseconds).sock"
        defer { Files.remove(path) }
        let server = try serve(at: .unix(path))
        #expect(try AdminClient.request("GET", "/", at: "unix:\(path)").status == 200)
        server.stop()
    }

    @Test("An address without an instance is an error that says what to look at")
    func noInstance() throws {
        let address = "\(try SocketAddress.vacant())"
        let expected = AdminClientError.noInstance(address: address, cause: "Connection refused")
        #expect(throws: expected) { try AdminClient.request("GET", "/", at: address) }
        #expect(
            "\(expected)" == "martlet: no instance answers at \(address): Connection refused; "
                + "is it running, and is this its admin address?")
    }

    @Test("What is no address is an error that shows one", arguments: ["", "localhost", "a:1"])
    func badAddress(text: String) {
        #expect(throws: AdminClientError.badAddress(text)) {
            try AdminClient.request("GET", "/", at: text)
        }
    }

    @Test("Answers that end early, never come, or are not HTTP are told apart")
    func brokenAnswers() throws {
        try expect(answer: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx") {
            .noAnswer(address: $0, cause: "it closed the connection")
        }
        try expect(answer: "") { .noAnswer(address: $0, cause: "it closed the connection") }
        try expect(answer: "SSH-2.0-Something\r\n\r\n") { .notHTTP(address: $0) }
        try expect(answer: "HTTP/1.1 200", isOpen: true) {
            .noAnswer(address: $0, cause: "it took too long")
        }
    }

    /// Asks a peer that answers with `answer` and then closes, or keeps the connection open.
    private func expect(
        answer: String, isOpen: Bool = false, _ error: (String) -> AdminClientError
    ) throws {
        let listener = try Socket.listen(on: Samples.anyPort, reusePort: false, backlog: 1)
        let bound = listener.localAddress()
        let address = try #require(bound)
        let thread = try Thread.start(name: "peer", cpu: nil) {
            _ = Poll.wait([listener.rawDescriptor], timeout: .seconds(10))
            guard case .accepted(let socket, _) = listener.accept() else { return }
            _ = Poll.wait([socket.rawDescriptor], timeout: .seconds(10))
            var request = ByteQueue()
            _ = socket.receive(into: &request, atMost: 65536)
            let bytes = Array(answer.utf8)
            if !bytes.isEmpty { _ = socket.send(bytes.span) }
            if !isOpen { socket.shutdownWrite() }
            _ = Poll.wait([socket.rawDescriptor], timeout: .seconds(10))
        }
        defer { thread.join() }
        #expect(throws: error("\(address)")) {
            try AdminClient.request(
                "GET", "/", at: address, timeout: isOpen ? .milliseconds(100) : .seconds(10))
        }
    }
}
