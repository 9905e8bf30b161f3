import Bytes
import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Close", .serialized)
struct WorkerCloseTests {
    static let size = 16 << 20
    static let last = head("GET / HTTP/1.1", "Host: localhost", "Connection: close")

    /// A worker that has taken all of a large response and is to close behind it, and its client.
    private func closing() throws -> (RunningWorker, Peer, Origin) {
        let origin = try Origin { $0.answer(bytes: WorkerCloseTests.size) }
        let (worker, address) = try RunningWorker.plain(origin.address) {
            $0.bufferBytes = 2 * WorkerCloseTests.size
        }
        let peer = try Peer(address)
        try peer.send(WorkerCloseTests.last)
        try worker.waitForServer(origin.address, active: 0, idle: 1)
        return (worker, peer, origin)
    }

    /// The two seconds for the client to close ran from the last byte that was queued, not from the
    /// last that was sent: a slow client lost the end of its last answer.
    @Test("A client that closes late still gets all of its last answer")
    func slowLastAnswer() throws {
        let (worker, peer, origin) = try closing()
        try worker.advance(by: TimeoutConfig().lingering + .seconds(1))
        #expect(try peer.reply().body.utf8.count == WorkerCloseTests.size)
        #expect(try peer.receiveAll() == "")
        #expect(peer.isCleanlyClosed)
        _ = origin
        try worker.stop()
    }

    @Test("A client that does not take its last answer is cut off")
    func stuckLastAnswer() throws {
        let (worker, peer, origin) = try closing()
        try worker.advance(by: TimeoutConfig().responseWrite + .seconds(1))
        try worker.waitForConnections(0)
        _ = try peer.receiveAll()
        #expect(!peer.isCleanlyClosed)
        _ = origin
        try worker.stop()
    }

    /// Waiting for its end, too, cost three calls for each such connection (RFC 9112 §9.6).
    @Test("A client that has asked for the end is waited for no longer once it has its answer")
    func askedFor() throws {
        let origin = try Origin { $0.echo() }
        let driven = try DrivenWorker(origin.address)
        let peer = try Peer(driven.address)
        try peer.send(WorkerCloseTests.last)
        try driven.turn("the end") { driven.worker.downstreams.count == 0 }
        #expect(try peer.reply().status == 200)
        #expect(try peer.receiveAll() == "")
        #expect(peer.isCleanlyClosed)
    }

    /// What is left of it was answered by a reset, which can take the answer from the client.
    @Test("A client whose head is refused may still be sending", arguments: [400, 431])
    func refusedHead(status: Int) throws {
        let origin = try Origin { $0.echo() }
        let setup = WorkerSetup(sites: [.init(servers: [origin.address])])
        let driven = try DrivenWorker(setup, isClockStopped: true)
        let peer = try Peer(driven.address)
        let filling = String(repeating: "x", count: 70_000)
        try peer.send(
            status == 400
                ? head("POST / HTTP/1.1", "Host: localhost", "Content-Length: many")
                : "GET / HTTP/1.1\r\nHost: localhost\r\nX-Filling: \(filling)")
        try driven.turn(untilInputFor: peer)
        peer.sendInBackground([UInt8](repeating: 120, count: 100_000))
        for _ in 0..<8 { driven.turn() }
        #expect(driven.worker.downstreams.count == 1)
        #expect(try peer.reply().status == status)
        #expect(try peer.receiveAll() == "")
        #expect(!peer.wasReset())
        peer.breakOff()
        try driven.turn("the end") { driven.worker.downstreams.count == 0 }
    }

    @Test("A client that has all and does not close is left after a moment")
    func lingering() throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(head("GET / HTTP/1.1"))
        #expect(try peer.reply().status == 400)
        #expect(try peer.receiveAll() == "")
        try worker.settle()
        try worker.advance(by: TimeoutConfig().lingering + .milliseconds(100))
        try worker.waitForConnections(0)
        try worker.stop()
    }

    @Test("A client that closes too is let go at once")
    func bothClosed() throws {
        let origin = try Origin { $0.echo() }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(head("GET / HTTP/1.1"))
        #expect(try peer.reply().status == 400)
        try peer.finish()
        try worker.waitForConnections(0)
        try worker.stop()
    }
}
