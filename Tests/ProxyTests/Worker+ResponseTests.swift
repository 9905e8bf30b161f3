import Foundation
import Platform
import TLS
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Response", .serialized)
struct WorkerResponseTests {
    static let get = head("GET / HTTP/1.1", "Host: localhost")

    /// A reset was taken for the end of the stream, and that for the end of the body: half a
    /// response was presented as a whole one.
    @Test("A reset is never the end of a body", arguments: ["1.1", "1.0"])
    func reset(version: String) throws {
        let go = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\n\r\nhalf")
            // To close with bytes unread is to reset.
            go.wait()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(head("POST / HTTP/\(version)", "Host: localhost", "Content-Length: 6"))
        _ = try peer.until("half")
        try peer.send("unread")
        try worker.settle()
        try worker.settle()
        go.signal()
        let rest = try peer.receiveAll()
        #expect(!rest.contains("0\r\n\r\n"))
        #expect(!peer.isCleanlyClosed)
        try worker.stop()
    }

    /// What a record of so much plaintext is on the wire: the type and the tag (RFC 8446 §5.2).
    private static func sealed(_ count: Int) -> Int { count + 1 + 16 }

    @Test("TLS records are small at first, large for bulk, and small again after a second idle")
    func records() throws {
        let size = 4 << 20
        let origin = try Origin { connection in
            while connection.readHead() != nil {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(size)\r\n\r\n")
                connection.send([UInt8](repeating: 120, count: size))
            }
        }
        let pair = try TestAuthority().issue("localhost")
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        let site = WorkerSetup.Site(credential: credential, servers: [origin.address])
        try worker.install(WorkerSetup(sites: [site]), on: listener)
        let peer = try Peer(
            listener.address, tls: try TLSClientContext(trusted: nil), serverName: "localhost")
        for round in 1...3 {
            try peer.send(WorkerResponseTests.get)
            _ = try peer.until("\r\n\r\n")
            while peer.receivedCount < size { try peer.receive() }
            peer.dropReceived()
            // The first flight has the ticket of the session, too.
            let records = peer.records.all.filter { $0 > 1_000 }
            peer.dropRecords()
            #expect(records.prefix(16).allSatisfy { $0 <= WorkerResponseTests.sealed(4_096) })
            #expect(records.first == WorkerResponseTests.sealed(4_096), "round \(round)")
            #expect(records.max() == WorkerResponseTests.sealed(16_384))
            try worker.advance(by: RecordSizer.idle)
        }
        try worker.stop()
    }

    @Test("The end of the stream is the end of a body without a length", arguments: ["1.1", "1.0"])
    func endOfStream(version: String) throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\n\r\nwhole")
            connection.finish()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(head("GET / HTTP/\(version)", "Host: localhost"))
        #expect(try peer.reply().body == "whole")
        if version == "1.0" { #expect(peer.isCleanlyClosed) }
        try worker.stop()
    }

    @Test(
        "A body that ends early is never presented as complete",
        arguments: [
            "Content-Length: 5\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
            "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n",
            "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nbad\r\n\r\n",
        ])
    func truncated(text: String) throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\n" + text)
            connection.finish()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(WorkerResponseTests.get)
        #expect(try !peer.receiveAll().contains("\r\n0\r\n\r\n"))
        #expect(!peer.isCleanlyClosed)
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        try worker.stop()
    }

    @Test(
        "A response that has no body has none, whatever its fields say",
        arguments: [
            ("HEAD", 200, "Content-Length: 5"), ("HEAD", 200, "Transfer-Encoding: chunked"),
            ("HEAD", 200, "X: y"), ("GET", 204, "X: y"), ("GET", 204, "Content-Length: 0"),
            ("GET", 304, "Content-Length: 5"), ("GET", 304, "Transfer-Encoding: chunked"),
        ])
    func bodiless(method: String, status: Int, field: String) throws {
        let origin = try Origin { connection in
            while connection.readHead() != nil {
                connection.send("HTTP/1.1 \(status) X\r\n\(field)\r\n\r\n")
            }
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        for _ in 0..<2 {
            try peer.send(head("\(method) / HTTP/1.1", "Host: localhost"))
            let reply = try peer.reply(to: method)
            #expect(reply.status == status)
            #expect(reply.field("connection") == nil)
        }
        #expect(origin.connectionCount == 1)
        try worker.stop()
    }

    /// Believed by one and not by the other, five bytes are the begin of the next response.
    @Test("A response that announces a body where there is none ends with 502 and its connection")
    func announcedBody() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 204 X\r\nContent-Length: 5\r\n\r\nabcde")
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            connection.finish()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        for _ in 0..<2 {
            try peer.send(WorkerResponseTests.get)
            #expect(try peer.reply().status == 502)
        }
        #expect(origin.connectionCount == 2)
        try worker.stop()
    }

    @Test("An answer before the end of the request is the last one of both connections")
    func earlyAnswer() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 1000"))
        #expect(try peer.reply().status == 200)
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        try peer.send(WorkerResponseTests.get)
        #expect(try peer.receiveAll() == "")
        #expect(origin.heads.count == 1)
        try worker.stop()
    }

    @Test("A client that waited for 100 and gets an answer is told that it is the last")
    func expectation() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(
            head(
                "POST / HTTP/1.1", "Host: localhost", "Content-Length: 9", "Expect: 100-continue"))
        let reply = try peer.reply()
        #expect(reply.status == 403)
        #expect(reply.field("connection") == "close")
        #expect(try peer.receiveAll() == "")
        try worker.stop()
    }
}
