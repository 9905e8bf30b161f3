import Bytes
import Config
import Foundation
import Platform
import Synchronization
import TLS
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Output", .serialized)
struct WorkerOutputTests {
    /// The server's time to answer ran from the request's head: an upload that took longer than
    /// that was 504, although the server took it all the while.
    @Test("A server that takes a long request bit by bit has its time again with each bit")
    func slowUpload() throws {
        let size = 16 << 20
        let step = 2 << 20
        let go = DispatchSemaphore(value: 0)
        let taken = DispatchSemaphore(value: 0)
        // The buffers of a Unix socket are small, whatever the machine.
        let folder = try TemporaryFolder()
        let origin = try Origin(at: .unix(folder.path("o"))) { connection in
            _ = connection.readHead()
            var count = 0
            while count < size {
                go.wait()
                count += connection.read(step).utf8.count
                taken.signal()
            }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        }
        let driven = try DrivenWorker(origin.address) {
            $0.timeouts.upstreamFirstByte = .seconds(1_000)
            $0.timeouts.requestBody = .seconds(1_000_000)
        }
        let peer = try Peer(driven.address)
        try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: \(size)"))
        peer.sendInBackground([UInt8](repeating: 120, count: size))
        for _ in 0..<(size / step) {
            // The server's buffers are full, and it is its turn.
            try driven.turn("a full buffer, or the end") {
                driven.isUpstreamFull || driven.upstream?.exchange?.isBodyTaken == true
            }
            driven.advance(by: .seconds(300))
            go.signal()
            try driven.turn("progress") { taken.wait(timeout: .now()) == .success }
        }
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 200)
    }

    /// The first answer stood behind the last request: milliseconds, where a batch is full.
    @Test("In a long batch the first clients are answered before the last are heard")
    func manyClients() throws {
        let origin = try Origin { $0.echo() }
        let (driven, peers) = try accepted(Worker.manyDirty + 2, origin)
        for peer in peers { try peer.send(head("GET / HTTP/1.1")) }
        try #require(wait(driven) == peers.count)
        driven.worker.hearClients(Worker.manyDirty - 1)
        #expect(!peers.contains { $0.hasInput(within: .zero) })
        driven.worker.hearClients(Worker.manyDirty)
        #expect(peers.count { $0.hasInput(within: .zero) } == Worker.manyDirty)
        driven.worker.hearClients(peers.count)
        driven.turn()
        for peer in peers { #expect(try peer.reply().status == 400) }
    }

    @Test("In a long batch the first responses leave before the last are read")
    func manyServers() throws {
        let (driven, peers) = try awaiting(
            Worker.manyDirty + 2, head("GET / HTTP/1.1", "Host: localhost"))
        try #require(wait(driven) == peers.count)
        driven.worker.hearServers(Worker.manyDirty)
        #expect(peers.count { $0.hasInput(within: .zero) } == Worker.manyDirty)
        driven.worker.hearServers(peers.count)
        driven.turn()
        for peer in peers { #expect(try peer.reply().status == 200) }
    }

    @Test("In a long batch the first requests are sent before the last clients are heard")
    func manyRequests() throws {
        let origin = try Origin { $0.echo() }
        let (driven, peers) = try rested(Worker.manyDirty + 2, origin)
        for peer in peers { try peer.send(WorkerOutputTests.request) }
        try #require(wait(driven) == peers.count)
        driven.worker.hearClients(Worker.manyDirty)
        #expect(driven.worker.dirtyUpstreams.isEmpty)
        driven.worker.hearClients(peers.count)
        #expect(driven.worker.dirtyUpstreams.count == peers.count - Worker.manyDirty)
        try Deadline.wait("the requests") { origin.heads.count == peers.count + Worker.manyDirty }
        try driven.turn("all answers") { peers.allSatisfy { $0.hasInput(within: .zero) } }
        for peer in peers { #expect(try peer.reply().status == 200) }
    }

    @Test("Responses leave before the last of those that had more to do are read")
    func readyServers() throws {
        let (driven, peers) = try awaiting(
            Worker.manyDirty + 2, head("GET / HTTP/1.1", "Host: localhost"))
        for upstream in driven.worker.upstreams.all {
            upstream.canRead = true
            driven.worker.markReady(upstream)
        }
        driven.worker.serveReady()
        #expect(driven.worker.dirtyDownstreams.count == 2)
        #expect(peers.count { $0.hasInput(within: .zero) } == Worker.manyDirty)
        driven.turn()
        for peer in peers { #expect(try peer.reply().status == 200) }
    }

    @Test("Requests are sent before the last of those that had more to do are heard")
    func readyClients() throws {
        let origin = try Origin { $0.echo() }
        let (driven, peers) = try rested(Worker.manyDirty + 2, origin)
        for peer in peers { try peer.send(WorkerOutputTests.request) }
        try #require(wait(driven) == peers.count)
        for connection in driven.worker.downstreams.all {
            connection.canRead = true
            driven.worker.markReady(connection)
        }
        driven.worker.serveReady()
        #expect(driven.worker.dirtyUpstreams.count == 2)
        try driven.turn("all answers") { peers.allSatisfy { $0.hasInput(within: .zero) } }
        for peer in peers { #expect(try peer.reply().status == 200) }
    }

    @Test("A large piece leaves at once, but not to a server whose end is known")
    func largePiece() throws {
        let origin = try Origin { $0.echo() }
        let (driven, _) = try rested(1, origin)
        let upstream = try #require(driven.upstream)
        let piece = [UInt8](repeating: 120, count: Worker.directBytes)
        driven.worker.write(piece.span, to: upstream)
        let before = upstream.outbound.count
        upstream.isEndAnnounced = true
        driven.worker.write(piece.span, to: upstream)
        let after = upstream.outbound.count
        #expect(before == 0 && after == Worker.directBytes)
    }

    /// A request that is sent to another server may meet an idle connection that has ended, too.
    @Test("However many requests are repeated, none is sent before all servers are heard")
    func repeatedRequests() throws {
        let failing = Mutex(Worker.manyDirty)
        let failed = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            for number in 1... {
                guard connection.readHead() != nil else { return }
                let fails = failing.withLock { left in
                    guard number == 2, left > 0 else { return false }
                    left -= 1
                    return true
                }
                if fails {
                    connection.finish()
                    failed.signal()
                    _ = connection.readHead()
                    return
                }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
        let (driven, peers) = try rested(2 * Worker.manyDirty, origin)
        let asking = peers.prefix(Worker.manyDirty)
        for peer in asking { try peer.send(WorkerOutputTests.request) }
        driven.turn()
        for _ in asking { try waitFor(failed) }
        driven.turn()
        try Deadline.wait("connections") { origin.connectionCount == 3 * Worker.manyDirty }
        let count = wait(driven)
        driven.worker.hearServers(count)
        #expect(driven.worker.dirtyUpstreams.count == Worker.manyDirty)
        try driven.turn("all answers") { asking.allSatisfy { $0.hasInput(within: .zero) } }
        for peer in asking { #expect(try peer.reply().status == 200) }
    }

    /// A request was sent, and with that lost, although an event had told of the server's end.
    @Test("What a server that closes at once was not sent is repeated, whatever it asks for")
    func endedAtOnce() throws {
        let ended = DispatchSemaphore(value: 0)
        let busy = try Origin { connection in
            connection.finish()
            ended.signal()
            _ = connection.readHead()
        }
        let good = try Origin { $0.echo() }
        let driven = try DrivenWorker(
            WorkerSetup(sites: [.init(servers: [busy.address, good.address])]))
        let count = 2 * (Worker.manyDirty + 2)
        let peers = try accept(count, driven)
        for peer in peers {
            try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 1") + "x")
        }
        driven.turn()
        try Deadline.wait("the connections") {
            busy.connectionCount + good.connectionCount == count
        }
        for _ in 0..<busy.connectionCount { try waitFor(ended) }
        try driven.turn("all answers") { peers.allSatisfy { $0.hasInput(within: .zero) } }
        for peer in peers { #expect(try peer.reply().status == 200) }
        #expect(busy.heads.isEmpty)
    }

    /// Else each stream of a connection would have a write of its own.
    @Test("What streams bring waits for the end of the turn, however many have output")
    func clientsOfHTTP2() throws {
        let pair = try TestAuthority().issue("localhost")
        let credential = try Credential(chainPEM: pair.certificate, keyPEM: pair.key)
        let driven = try DrivenWorker(WorkerSetup(sites: [.init(credential: credential)]))
        let peers = try accept(Worker.manyDirty, driven)
        for connection in driven.worker.downstreams.all {
            connection.transition(to: .http2)
            driven.worker.markDirty(connection)
            driven.worker.flushMany()
        }
        #expect(driven.worker.gatheringDownstreams.count == peers.count)
        driven.worker.flushDirty()
        #expect(driven.worker.gatheringDownstreams.isEmpty)
        #expect(!driven.worker.downstreams.all.contains { $0.isDirty })
    }

    @Test("Requests over a shared connection wait for the end of the turn")
    func sharedConnection() throws {
        let origin = try Origin(StreamOrigin.script(WorkerSharedTests.echo))
        let driven = try DrivenWorker(origin.address, speaks: .h2c)
        let peers = try accept(Worker.manyDirty, driven)
        try peers[0].send(WorkerSharedTests.get)
        try driven.turn(untilInputFor: peers[0])
        #expect(try peers[0].reply().status == 200)
        for peer in peers { try peer.send(WorkerSharedTests.get) }
        driven.worker.hearClients(wait(driven))
        let shared = try #require(driven.upstream)
        #expect(shared.isDirty)
        for connection in driven.worker.downstreams.all { driven.worker.markDirty(connection) }
        driven.worker.flushMany()
        #expect(driven.worker.dirtyDownstreams.isEmpty)
        #expect(shared.isDirty)
        try driven.turn("all answers") { peers.allSatisfy { $0.hasInput(within: .zero) } }
        for peer in peers { #expect(try peer.reply().status == 200) }
    }

    /// What came and was not read would be answered by a reset, and that can take the response from
    /// the client (RFC 9112 §9.6).
    @Test(
        "Who has asked for the end and says more in the same batch is not reset",
        arguments: [4, 200_000])
    func finalWord(size: Int) throws {
        let (driven, peers) = try awaiting(Worker.manyDirty, WorkerCloseTests.last)
        for peer in peers { try peer.send([UInt8](repeating: 120, count: size)) }
        // A few, since a connection that has more to do is kept for the next one.
        for _ in 0..<4 { driven.turn() }
        for peer in peers {
            #expect(try peer.reply().status == 200)
            #expect(try peer.receiveAll() == "")
            #expect(!peer.wasReset())
            peer.breakOff()
        }
        try driven.turn("the end") { driven.worker.downstreams.count == 0 }
    }

    /// The kernel may hold more of what it says than a full batch tells.
    @Test("Who has asked for the end is not reset where a batch was full", arguments: ["more", ""])
    func finalWordUntold(text: String) throws {
        let (driven, peers) = try awaiting(1, WorkerCloseTests.last)
        try peers[0].send(text)
        if text.isEmpty { peers[0].breakOff() }
        driven.worker.hearServers(wait(driven))
        driven.worker.hasSeenAll = false
        driven.worker.flushDirty()
        driven.worker.closeFinal()
        driven.worker.releaseClosed()
        #expect(driven.worker.downstreams.count == 1)
        #expect(try peers[0].reply().status == 200)
        #expect(try peers[0].receiveAll() == "")
        #expect(!peers[0].wasReset())
    }

    /// Waits for a batch of events; how many they are.
    private func wait(_ driven: DrivenWorker) -> Int {
        driven.worker.poller.wait(until: nil, now: driven.worker.now)
    }

    private func waitFor(_ signal: DispatchSemaphore) throws {
        try #require(signal.wait(timeout: .now() + 20) == .success)
    }

    private static let request = head("GET / HTTP/1.1", "Host: localhost")

    /// A worker with so many clients and connections to servers that rest.
    private func rested(_ count: Int, _ origin: Origin) throws -> (DrivenWorker, [Peer]) {
        let (driven, peers) = try accepted(count, origin)
        for peer in peers { try peer.send(WorkerOutputTests.request) }
        try driven.turn("all answers") { peers.allSatisfy { $0.hasInput(within: .zero) } }
        for peer in peers { #expect(try peer.reply().status == 200) }
        try #require(driven.worker.upstreams.count == count)
        return (driven, peers)
    }

    /// A worker that has accepted so many clients.
    private func accepted(_ count: Int, _ origin: Origin) throws -> (DrivenWorker, [Peer]) {
        let driven = try DrivenWorker(origin.address)
        return (driven, try accept(count, driven))
    }

    private func accept(_ count: Int, _ driven: DrivenWorker) throws -> [Peer] {
        let peers = try (0..<count).map { _ in try Peer(driven.address) }
        try driven.turn("all connections") { driven.worker.downstreams.count == count }
        return peers
    }

    /// A worker to which as many servers have sent a response that it has not read.
    private func awaiting(_ count: Int, _ request: String) throws -> (DrivenWorker, [Peer]) {
        let answered = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            _ = connection.readHead()
            gate.wait()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            answered.signal()
            _ = connection.readHead()
        }
        let (driven, peers) = try accepted(count, origin)
        for peer in peers { try peer.send(request) }
        try driven.turn("the requests") { origin.heads.count == count }
        for _ in peers { gate.signal() }
        for _ in peers { try waitFor(answered) }
        return (driven, peers)
    }

    @Test("A server that takes nothing of a request is given up")
    func stuckUpload() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            DispatchSemaphore(value: 0).wait()
        }
        let driven = try DrivenWorker(origin.address) {
            $0.timeouts.requestBody = .seconds(1_000_000)
        }
        let peer = try Peer(driven.address)
        let size = 64 << 20
        try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: \(size)"))
        peer.sendInBackground([UInt8](repeating: 10, count: size))
        try driven.turn("a full buffer") { driven.isUpstreamFull }
        try driven.turn("the end of the wait") {
            driven.advance(by: .seconds(61))
            return driven.upstream == nil
        }
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 504)
    }
}
