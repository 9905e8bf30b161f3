import Foundation
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Mailbox", .serialized)
struct WorkerMailboxTests {
    static let get = head("GET / HTTP/1.1", "Host: localhost")

    /// Each idle connection of a server that was gone was taken off the active ones as well.
    @Test("A server that a reload removes is left with no connection, counted once")
    func retired() throws {
        let old = try Origin { $0.echo() }
        let new = try Origin { $0.echo() }
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        try worker.install(WorkerSetup(sites: [.init(servers: [old.address])]), on: listener)
        let peers = try (0..<3).map { _ in try Peer(listener.address) }
        for peer in peers { try peer.send(WorkerMailboxTests.get) }
        for peer in peers { #expect(try peer.reply().status == 200) }
        try worker.install(
            WorkerSetup(sites: [.init(servers: [new.address])]), on: listener, generation: 2)
        try worker.waitForServer(old.address, active: 0, idle: 0)
        for peer in peers {
            try peer.send(WorkerMailboxTests.get)
            #expect(try peer.reply().status == 200)
        }
        #expect(new.heads.count == 3)
        try worker.stop()
    }

    @Test("An idle connection to a server that stays outlives a reload")
    func kept() throws {
        let origin = try Origin { $0.echo() }
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        for generation in 1...3 {
            try worker.install(
                WorkerSetup(sites: [.init(servers: [origin.address])]), on: listener,
                generation: UInt64(generation))
            let peer = try Peer(listener.address)
            try peer.send(WorkerMailboxTests.get)
            #expect(try peer.reply().status == 200)
            try worker.waitForServer(origin.address, active: 0, idle: 1)
        }
        #expect(origin.connectionCount == 1)
        try worker.stop()
    }

    @Test("A snapshot is let go with the last exchange that began with it, and not before")
    func releasedSnapshot() throws {
        let asked = DispatchSemaphore(value: 0)
        let go = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            while connection.readHead() != nil {
                asked.signal()
                go.wait()
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        let setup = WorkerSetup(sites: [.init(servers: [origin.address])])
        try worker.install(setup, on: listener)
        let peer = try Peer(listener.address)
        try peer.send(WorkerMailboxTests.get)
        asked.wait()
        try worker.install(setup, on: listener, generation: 2)
        #expect(worker.released.withLock { $0 } == [])
        go.signal()
        #expect(try peer.reply().status == 200)
        try Deadline.wait("the first snapshot is let go") {
            worker.released.withLock { $0 } == [1]
        }
        try worker.stop()
    }

    /// Its connections held the socket: the kernel went on to connect clients, whom nobody served.
    @Test("A listener that a reload removes takes no connection, and loses none that it took")
    func removedListener() throws {
        let origin = try Origin { $0.echo() }
        let worker = try RunningWorker()
        let setup = WorkerSetup(sites: [.init(servers: [origin.address])])
        // More than are accepted in one batch.
        let (address, peers) = try {
            let listener = try WorkerSetup.listen()
            try worker.install(setup, on: listener)
            return (listener.address, try (0..<200).map { _ in try Peer(listener.address) })
        }()
        try worker.install(setup, on: try WorkerSetup.listen(), generation: 2)
        #expect(throws: (any Error).self) { try Peer(address) }
        for peer in peers {
            try peer.send(WorkerMailboxTests.get)
            #expect(try peer.reply().status == 200)
        }
        try worker.stop()
    }

    @Test("A drain closes what is idle, ends what is not, and then stops")
    func drain() throws {
        let asked = DispatchSemaphore(value: 0)
        let go = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            while let request = connection.readHead() {
                if request.contains("/slow") {
                    asked.signal()
                    go.wait()
                }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let idle = try Peer(address)
        try idle.send(WorkerMailboxTests.get)
        #expect(try idle.reply().status == 200)
        let busy = try Peer(address)
        try busy.send(head("GET /slow HTTP/1.1", "Host: localhost"))
        asked.wait()
        worker.post(.drain(deadline: .distantFuture))
        #expect(try idle.receiveAll() == "")
        #expect(idle.isCleanlyClosed)
        go.signal()
        let reply = try busy.reply()
        #expect(reply.status == 200)
        #expect(reply.field("connection") == "close")
        #expect(try busy.receiveAll() == "")
        #expect(busy.isCleanlyClosed)
        try busy.finish()
        try idle.finish()
        #expect(try worker.waitForStop() == 0)
    }

    /// A request that stood in the kernel when the drain began was thrown away with its connection.
    @Test("A drain serves the request that has arrived and those who have just connected")
    func drainServes() throws {
        let origin = try Origin { $0.echo() }
        let driven = try DrivenWorker(origin.address)
        let used = try Peer(driven.address)
        try used.send(WorkerMailboxTests.get)
        try driven.turn(untilInputFor: used)
        #expect(try used.reply().status == 200)
        let waiting = try (0..<100).map { _ in try Peer(driven.address) }
        // Both wait for the same turn, the drain before the request.
        driven.worker.plan.mailbox.post(.drain(deadline: .distantFuture))
        try used.send(WorkerMailboxTests.get)
        driven.turn()
        for peer in waiting { try peer.send(WorkerMailboxTests.get) }
        for peer in [used] + waiting {
            try driven.turn(untilInputFor: peer)
            let reply = try peer.reply()
            #expect(reply.status == 200)
            #expect(reply.field("connection") == "close")
        }
    }

    @Test("Whoever has connected and asks for nothing delays a drain for a moment only")
    func silentClient() throws {
        let origin = try Origin { $0.echo() }
        let driven = try DrivenWorker(origin.address)
        let peer = try Peer(driven.address)
        driven.worker.plan.mailbox.post(.drain(deadline: .distantFuture))
        driven.turn()
        let isStopping = driven.worker.isStopping
        #expect(!isStopping)
        driven.advance(by: Worker.freshness + .milliseconds(100))
        try driven.turn(untilInputFor: peer)
        #expect(try peer.receiveAll() == "")
        try peer.finish()
        try driven.turn("the end") { driven.worker.isStopping }
    }

    @Test("A drain is over at its deadline, and cuts off what is left")
    func impatience() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(WorkerMailboxTests.get)
        try worker.waitForServer(origin.address, active: 1, idle: 0)
        worker.post(.drain(deadline: MonotonicTime(nanoseconds: 0)))
        #expect(try worker.waitForStop() == 1)
        _ = try peer.receiveAll()
        #expect(!peer.isCleanlyClosed)
        try worker.waitForServer(origin.address, active: 0, idle: 0)
    }
}
