import Foundation
import Platform
import TestSupport
import Testing

@testable import Proxy

/// What is sent twice, and what is not.
@Suite("Worker+Exchange", .serialized)
struct WorkerExchangeTests {
    static let ok = head("HTTP/1.1 200 OK", "Content-Length: 2") + "ok"
    static let get = head("GET / HTTP/1.1", "Host: localhost")

    /// A server whose first connection answers once and then dies under the next request.
    private func dying(_ answer: String = "") throws -> Origin {
        try Origin { connection in
            while let request = connection.readHead() {
                if connection.number == 1, request.contains("/again") {
                    connection.send(answer)
                    return
                }
                if request.contains("chunked") { _ = connection.read(until: "0\r\n\r\n") }
                connection.send(WorkerExchangeTests.ok)
            }
        }
    }

    /// Answers to one request on a connection that has been used, and how many came to the server.
    private func ask(
        _ request: String, of origin: Origin, method: String = "GET"
    ) throws -> (status: Int, heads: Int) {
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(WorkerExchangeTests.get)
        #expect(try peer.reply().status == 200)
        try worker.waitForServer(origin.address, active: 0, idle: 1)
        try peer.send(request)
        let status = try peer.reply(to: method).status
        try worker.stop()
        return (status, origin.heads.count)
    }

    @Test(
        "An idempotent request is sent again where an idle connection died under it",
        arguments: ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"])
    func idempotent(method: String) throws {
        let request = head("\(method) /again HTTP/1.1", "Host: localhost")
        #expect(try ask(request, of: dying(), method: method) == (200, 3))
    }

    @Test("Any other request is not", arguments: ["POST", "PATCH", "PURGE", "get"])
    func notIdempotent(method: String) throws {
        let request = head("\(method) /again HTTP/1.1", "Host: localhost")
        #expect(try ask(request, of: dying()) == (502, 2))
    }

    @Test("A request whose body is too large to be kept is not")
    func largeBody() throws {
        let request =
            head("PUT /again HTTP/1.1", "Host: localhost", "Content-Length: 65537")
            + String(repeating: "b", count: 65_537)
        #expect(try ask(request, of: dying()) == (502, 2))
    }

    @Test("A request to which a byte of an answer came is not")
    func answerBegan() throws {
        let request = head("GET /again HTTP/1.1", "Host: localhost")
        #expect(try ask(request, of: dying("H")) == (502, 2))
    }

    /// The end of the empty body had been taken from the client, and was missing the second time:
    /// the server waited for it, and the client for the server.
    @Test("A body of no bytes in chunks ends the second time as well")
    func emptyChunks() throws {
        let request =
            head("PUT /again HTTP/1.1", "Host: localhost", "Transfer-Encoding: chunked")
            + "0\r\n\r\n"
        #expect(try ask(request, of: dying()) == (200, 3))
    }

    @Test("A request on a new connection is sent to the only server once more")
    func freshConnection() throws {
        let origin = try Origin { _ = $0.readHead() }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(WorkerExchangeTests.get)
        #expect(try peer.reply().status == 502)
        #expect(origin.heads.count == 2)
        try worker.stop()
    }

    @Test("A connection of an exchange that did not end is never used again")
    func unfinished() throws {
        let asked = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            if connection.number > 1 { connection.send(WorkerExchangeTests.ok) }
            asked.signal()
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let gone = try Peer(address)
        try gone.send(WorkerExchangeTests.get)
        asked.wait()
        gone.reset()
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        let peer = try Peer(address)
        try peer.send(WorkerExchangeTests.get)
        #expect(try peer.reply().body == "ok")
        try worker.stop()
    }

    @Test("A client that leaves ends its exchange, and is accounted for once")
    func clientGone() throws {
        let asked = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            asked.signal()
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(WorkerExchangeTests.get)
        asked.wait()
        try peer.finish()
        try worker.waitForConnections(0)
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        #expect(worker.requestCount == 1)
        try worker.stop()
    }

    @Test("An exchange is kept with its memory, unless a head was large", arguments: [-1, 0, 1])
    func spare(beyond: Int) throws {
        let origin = try Origin { connection in
            while connection.readHead() != nil { connection.send(WorkerExchangeTests.ok) }
        }
        let driven = try DrivenWorker(origin.address)
        let peer = try Peer(driven.address)
        let begin = "GET / HTTP/1.1\r\nHost: localhost\r\nX: "
        let filler = Worker.spareHeadBytes + beyond - begin.utf8.count - 4
        for _ in 0..<2 {
            try peer.send(begin + String(repeating: "x", count: filler) + "\r\n\r\n")
            try driven.turn(untilInputFor: peer)
            #expect(try peer.reply().status == 200)
            #expect(driven.worker.spareExchanges.count == (beyond > 0 ? 0 : 1))
        }
    }
}
