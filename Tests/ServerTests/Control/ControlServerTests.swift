import Platform
import Synchronization
import TestSupport
import Testing

@testable import Server

struct ControlServerTests {
    /// Echoes the method, the path, the query and the length of the body, and adds a field.
    private static let echo: @Sendable (ControlRequest) -> ControlResponse = { request in
        let facts =
            "\(request.method) \(request.path) \(request.query ?? "-") \(request.body.count)"
        var response = ControlResponse.text(200, facts)
        response.fields = [ControlField(name: "X-Echo", value: request.value(of: "x-a") ?? "-")]
        return response
    }

    private func serve(_ limits: ControlLimits = ControlLimits()) throws -> ControlServer {
        try ControlServer(
            address: Samples.anyPort, limits: limits, handler: ControlServerTests.echo)
    }

    @Test("A request is handled and its connection closed")
    func get() throws {
        let server = try serve()
        let answer = try RawPeer.exchange(
            "GET /a/b?c=d HTTP/1.1\r\nHost: localhost:1\r\nX-A: 1\r\n\r\n", at: server.address)
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(answer.contains("\r\nConnection: close\r\n"))
        #expect(answer.contains("\r\nX-Echo: 1\r\n"))
        #expect(answer.hasSuffix("\r\n\r\nGET /a/b c=d 0"))
        server.stop()
    }

    @Test("An answer to HEAD has the length but no body")
    func head() throws {
        let server = try serve()
        let answer = try RawPeer.exchange(
            "HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n", at: server.address)
        #expect(answer.contains("\r\nContent-Length: 10\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test("A body is taken up to the limit and refused beyond it", arguments: [-1, 0, 1])
    func bodyLimit(beyond: Int) throws {
        var limits = ControlLimits()
        limits.bodyBytes = 100_000
        let server = try serve(limits)
        let count = limits.bodyBytes + beyond
        let body = String(repeating: "x", count: count)
        let status = beyond > 0 ? "HTTP/1.1 413 " : "HTTP/1.1 200 "
        let fixed = try RawPeer.exchange(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(count)\r\n\r\n\(body)",
            at: server.address)
        #expect(fixed.hasPrefix(status))
        let size = String(count, radix: 16)
        let chunked = try RawPeer.exchange(
            "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "\(size)\r\n\(body)\r\n0\r\n\r\n",
            at: server.address)
        #expect(chunked.hasPrefix(status))
        if beyond <= 0 { #expect(chunked.hasSuffix(" \(count)")) }
    }

    @Test("A request that comes byte by byte is the same request")
    func byteByByte() throws {
        let server = try serve()
        let peer = try RawPeer(server.address)
        let request = "POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"
        for character in request.unicodeScalars { peer.send(String(Character(character))) }
        #expect(peer.receiveAll().hasSuffix("POST /x - 3"))
    }

    @Test("A client that waits for 100 Continue gets it before it sends the body")
    func expectContinue() throws {
        let server = try serve()
        let peer = try RawPeer(server.address)
        peer.send(
            "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )
        #expect(peer.receive() == "HTTP/1.1 100 Continue\r\n\r\n")
        peer.send("ok")
        #expect(peer.receiveAll().hasSuffix("PUT / - 2"))
    }

    @Test(
        "A client that does not finish its request is cut off at the deadline",
        arguments: [
            ("", ""), ("GET / HT", "HTTP/1.1 408 "),
            ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx", "HTTP/1.1 408 "),
        ])
    func deadline(sent: String, expected: String) throws {
        var limits = ControlLimits()
        limits.deadline = .milliseconds(150)
        limits.closing = .milliseconds(50)
        let server = try serve(limits)
        let began = MonotonicTime.now()
        let answer = try RawPeer.exchange(sent, at: server.address)
        #expect(expected.isEmpty ? answer.isEmpty : answer.hasPrefix(expected))
        #expect(MonotonicTime.now() - began >= limits.deadline)
        #expect(MonotonicTime.now() - began < .seconds(5))
    }

    @Test("What is not HTTP is refused with 400")
    func malformed() throws {
        let server = try serve()
        let answer = try RawPeer.exchange(
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", at: server.address)
        #expect(answer.hasPrefix("HTTP/1.1 400 "))
        #expect(answer.contains("\r\nConnection: close\r\n"))
    }

    @Test("Fifty clients at once are all answered")
    func concurrency() throws {
        let server = try serve()
        let address = server.address
        let good = Mutex(0)
        try withThreads(50) { number in
            let answer = try? RawPeer.exchange(
                "GET /\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n", at: address)
            if answer?.hasSuffix("GET /\(number) - 0") == true { good.withLock { $0 += 1 } }
        }
        #expect(good.withLock { $0 } == 50)
    }

    @Test("Stopping closes the address and cuts off who still sends")
    func stop() throws {
        let server = try serve()
        let idle = try RawPeer(server.address)
        idle.send("GET / HTTP/1.1\r\n")
        let busy = try RawPeer.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n", at: server.address)
        #expect(busy.hasPrefix("HTTP/1.1 200 "))
        let began = MonotonicTime.now()
        server.stop()
        server.stop()
        #expect(MonotonicTime.now() - began < .seconds(5))
        #expect(idle.receiveAll().isEmpty)
    }

    @Test("Who connects and says nothing gives its thread back before the deadline")
    func silence() throws {
        var limits = ControlLimits()
        limits.deadline = .seconds(3_600)
        limits.silence = .milliseconds(50)
        limits.threads = 1
        let server = try serve(limits)
        let silent = try RawPeer(server.address)
        let answer = try RawPeer.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n", at: server.address)
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(silent.receiveAll().isEmpty)
    }

    @Test("Silent clients give way to those who wait")
    func crowd() throws {
        var limits = ControlLimits()
        limits.deadline = .seconds(3_600)
        limits.silence = .seconds(3_600)
        limits.crowdedSilence = .milliseconds(5)
        let server = try serve(limits)
        let silent = try (0..<40).map { _ in try RawPeer(server.address) }
        let answer = try RawPeer.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n", at: server.address)
        #expect(answer.hasPrefix("HTTP/1.1 200 "))
        #expect(silent[0].receiveAll().isEmpty)
    }

    @Test("A reader that reads nothing does not hold up the end")
    func stuckReader() throws {
        var limits = ControlLimits()
        limits.deadline = .seconds(3_600)
        limits.closing = .milliseconds(50)
        let arrived = try EventDescriptor()
        let server = try ControlServer(address: Samples.anyPort, limits: limits) { _ in
            arrived.signal()
            return .text(200, String(repeating: "x", count: 64 << 20))
        }
        let stuck = try RawPeer(server.address)
        stuck.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = Poll.wait([arrived.rawDescriptor], timeout: .seconds(60))
        server.stop()
        #expect(!stuck.receiveAll().isEmpty)
    }

    @Test("The address is free as soon as the end has begun, and the end is told")
    func beginStop() throws {
        let gate = try EventDescriptor()
        let arrived = try EventDescriptor()
        let server = try ControlServer(address: Samples.anyPort) { _ in
            arrived.signal()
            _ = Poll.wait([gate.rawDescriptor], timeout: .seconds(60))
            return .text(200, "late")
        }
        let busy = try RawPeer(server.address)
        busy.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = Poll.wait([arrived.rawDescriptor], timeout: .seconds(60))
        #expect(!server.hasEnded)
        server.beginStop()
        #expect(!server.hasEnded)
        let next = try ControlServer(address: server.address, handler: ControlServerTests.echo)
        gate.signal()
        #expect(busy.receiveAll().hasSuffix("late"))
        while !server.hasEnded { _ = Poll.wait([], timeout: .milliseconds(5)) }
        server.stop()
        next.stop()
    }

    @Test("A socket file goes at the end")
    func socketFile() throws {
        let folder = try TemporaryFolder()
        let path = folder.path("admin.sock")
        let server = try ControlServer(address: .unix(path), handler: ControlServerTests.echo)
        #expect(Files.exists(path))
        server.stop()
        #expect(!Files.exists(path))
    }

    @Test("An address that is taken is an error that names it")
    func taken() throws {
        let server = try serve()
        #expect {
            try ControlServer(address: server.address, handler: ControlServerTests.echo)
        } throws: { error in
            (error as? SystemError)?.isAddressInUse == true
                && "\(error)".contains("\(server.address)")
        }
    }

    /// Runs `body` on `count` threads and waits for all of them.
    private func withThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
        let threads = try (0..<count).map { number in
            try Thread.start(name: "client-\(number)", cpu: nil) { body(number) }
        }
        for thread in threads { thread.join() }
    }
}
