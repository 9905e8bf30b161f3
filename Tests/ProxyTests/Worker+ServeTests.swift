import Bytes
import Config
import Platform
import TLS
import TestSupport
import Testing

@testable import Proxy

/// Bugs of serving that were found by reading: each test failed before its fix.
@Suite("Worker+Serve", .serialized)
struct WorkerServeTests {
    /// An exchange object that is used again still had the machine of the request before, which
    /// said that the whole request had been read: the connection went on, and the body was taken
    /// for the next request.
    @Test("The body of a request that is refused unread is never taken for a request")
    func refusedBody() throws {
        let worker = try RunningWorker()
        let listener = try RunningWorker.listen()
        let origin = try Origin { $0.echo() }
        try worker.install(
            .init(sites: [.init(servers: [origin.address]), .init(hosts: ["none.example"])]),
            on: listener)
        let peer = try Peer(listener.address)
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try peer.reply().status == 200)
        let hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let length = hidden.utf8.count
        try peer.send(
            "POST / HTTP/1.1\r\nHost: none.example\r\nContent-Length: \(length)\r\n\r\n\(hidden)")
        let reply = try peer.reply()
        #expect(reply.status == 404)
        #expect(reply.field("connection") == "close")
        #expect(try peer.receiveAll() == "")
        #expect(origin.heads.count == 1)
        try worker.stop()
    }

    /// The site of the TLS session was a number of the old snapshot, looked up in the new one.
    @Test("A kept connection outlives a reload that renumbers and removes sites")
    func renumberedSites() throws {
        let authority = try TestAuthority()
        func credential(_ name: String) throws -> Credential {
            let pair = try authority.issue(name)
            return try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        }
        let origin = try Origin { $0.echo() }
        let first = RunningWorker.Site(
            hosts: ["a.example"], credential: try credential("a.example"), servers: [origin.address]
        )
        let second = RunningWorker.Site(
            hosts: ["b.example"], credential: try credential("b.example"), servers: [origin.address]
        )
        let worker = try RunningWorker()
        let listener = try RunningWorker.listen()
        try worker.install(.init(sites: [first, second]), on: listener)
        let context = try TLSClientContext(trusted: authority.pair.certificate)
        let peer = try Peer(listener.address, tls: context, serverName: "b.example")
        try peer.send("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n")
        #expect(try peer.reply().status == 200)
        try worker.install(.init(sites: [second]), on: listener, generation: 2)
        try peer.send("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n")
        #expect(try peer.reply().status == 200)
        try worker.install(.init(sites: [second, first]), on: listener, generation: 3)
        try peer.send("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n")
        #expect(try peer.reply().status == 200)
        try peer.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
        #expect(try peer.reply().status == 421)
        try worker.stop()
    }

    /// The reading side stopped at the buffer's size although the head's own limit was larger.
    @Test("A head larger than the buffer is read", arguments: [1_000, 4_095, 4_096, 4_097, 60_000])
    func largeHead(size: Int) throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(origin.address) { $0.bufferBytes = 4_096 }
        let peer = try Peer(address)
        let filler = String(repeating: "x", count: size)
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: \(filler)")
        try peer.send("\r\n\r\n")
        #expect(try peer.reply().status == 200)
        try worker.stop()
    }

    @Test("A redirect of a request without a host is refused")
    func redirectWithoutHost() throws {
        let worker = try RunningWorker()
        let listener = try RunningWorker.listen()
        try worker.install(.init(redirectPort: 443), on: listener)
        let peer = try Peer(listener.address)
        try peer.send("GET /evil.example HTTP/1.0\r\n\r\n")
        let reply = try peer.reply()
        #expect(reply.status == 400)
        #expect(reply.field("location") == nil)
        try worker.stop()
    }

    @Test("A client's connection ends after as many requests as are allowed", arguments: [1, 2, 3])
    func requestLimit(limit: Int) throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(origin.address) {
            $0.requestsPerConnection = limit
        }
        let peer = try Peer(address)
        for number in 1...limit {
            try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try peer.reply().field("connection") == (number == limit ? "close" : nil))
        }
        #expect(try peer.receiveAll() == "")
        try worker.stop()
    }

    @Test(
        "A body at its limit passes, one byte more is 413", arguments: [9, 10, 11], [true, false])
    func bodyLimit(size: Int, chunked: Bool) throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(origin.address) { $0.requestBodyLimit = 10 }
        let peer = try Peer(address)
        let body = String(repeating: "x", count: size)
        let framed =
            chunked
            ? "Transfer-Encoding: chunked\r\n\r\n\(String(size, radix: 16))\r\n\(body)\r\n0\r\n\r\n"
            : "Content-Length: \(size)\r\n\r\n\(body)"
        try peer.send("POST / HTTP/1.1\r\nHost: localhost\r\n\(framed)")
        #expect(try peer.reply().status == (size > 10 ? 413 : 200))
        try worker.stop()
    }
}
