import Bytes
import Config
import Foundation
import HTTP
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Proxy

/// Windows and waits of shared connections.
@Suite("Worker+SharedEvents", .serialized)
struct WorkerSharedEventsTests {
    @Test("A client that does not read stops its own stream only, and costs no more than a window")
    func slowReader() throws {
        let stopped = DispatchSemaphore(value: 0)
        let origin = try Origin(
            StreamOrigin.script { origin, event in
                guard case .request(let stream, _) = event else { return }
                if origin.path == "/small" {
                    // What the windows let pass has been written with an earlier event.
                    if origin.session.isStalled(1) { stopped.signal() }
                    return origin.answer(stream, "small")
                }
                origin.respond(stream)
                origin.send(stream, [UInt8](repeating: 0x61, count: 64 << 20))
            })
        let (worker, address) = try RunningWorker.plain(origin.address, speaks: .h2c)
        let slow = try Peer(address)
        try slow.send(WorkerSharedTests.get("/large"))
        let quick = try Peer(address)
        var isStopped = false
        while !isStopped {
            try quick.send(WorkerSharedTests.get("/small"))
            #expect(try quick.reply().body == "small")
            isStopped = stopped.wait(timeout: .now()) == .success
        }
        for _ in 0..<50 {
            try quick.send(WorkerSharedTests.get("/small"))
            #expect(try quick.reply().body == "small")
        }
        #expect(origin.connectionCount == 1)
        // It gets all of it once it reads.
        var count = 0
        let total = 64 << 20
        while count < total, try slow.receive() {
            count += slow.receivedCount
            slow.dropReceived()
        }
        #expect(count >= total)
        _ = worker
    }

    @Test("A server that does not read stops the client, and costs no more than the buffers")
    func slowServer() throws {
        var settings = HTTP2Settings()
        settings.streamWindow = 65_535
        let seen = Mutex(0)
        let origin = try Origin(
            StreamOrigin.script(settings: settings) { origin, event in
                origin.givesCredit = false
                if case .data = event { seen.withLock { $0 += origin.payload.count } }
            })
        let driven = try DrivenWorker(origin.address, speaks: .h2c)
        let peer = try Peer(driven.address)
        try peer.send(head("POST / HTTP/1.1", "Host: localhost", "Content-Length: 8000000"))
        let chunk = [UInt8](repeating: 0, count: 8_000)
        // Each piece goes in while the worker turns, until it takes no more.
        var isFull = false
        for _ in 0..<100 where !isFull {
            try peer.send(chunk)
            driven.turn()
            let waiting = driven.worker.downstreams.element(at: 0)?.inbound.count ?? 0
            isFull = waiting >= 65_536
        }
        try driven.turn("the window to shut") { seen.withLock { $0 } == 65_535 }
        #expect(isFull)
        let waiting = driven.worker.downstreams.element(at: 0)?.inbound.count ?? 0
        #expect(waiting < 65_536 + Worker.bytesPerTurn)
    }

    @Test("A server that does not answer in time loses that stream, not the others")
    func firstByteTimeout() throws {
        let begun = DispatchSemaphore(value: 0)
        let origin = try Origin(
            StreamOrigin.script { origin, event in
                guard case .request(let stream, _) = event else { return }
                if origin.path == "/never" {
                    begun.signal()
                } else {
                    origin.answer(stream, "ok")
                }
            })
        var timeouts = TimeoutConfig()
        timeouts.upstreamFirstByte = .seconds(7)
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts, speaks: .h2c)
        let peer = try Peer(address)
        try peer.send(WorkerSharedTests.get("/never"))
        begun.wait()
        try worker.settle()
        try worker.advance(by: .seconds(8))
        #expect(try peer.reply().status == 504)
        let other = try Peer(address)
        try other.send(WorkerSharedTests.get("/ok"))
        #expect(try other.reply().body == "ok")
        #expect(origin.connectionCount == 1)
    }

    /// A server that vanished without a word took every request until the kernel gave up, a quarter
    /// of an hour later.
    @Test("Behind a connection that has fallen silent, requests take another one")
    func silent() throws {
        let origin = try Origin(
            StreamOrigin.script { origin, event in
                guard case .request(let stream, _) = event else { return }
                if origin.path != "/never" { origin.answer(stream, "ok") }
            })
        var timeouts = TimeoutConfig()
        timeouts.upstreamFirstByte = .seconds(7)
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts, speaks: .h2c)
        let peer = try Peer(address)
        try peer.send(WorkerSharedTests.get("/ok"))
        #expect(try peer.reply().body == "ok")
        try worker.advance(by: .seconds(1))
        try peer.send(WorkerSharedTests.get("/never"))
        try worker.waitForServer(origin.address, active: 1, idle: 0)
        try worker.settle()
        try worker.advance(by: .seconds(8))
        #expect(try peer.reply().status == 504)
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        let other = try Peer(address)
        try other.send(WorkerSharedTests.get("/ok"))
        #expect(try other.reply().body == "ok")
        #expect(origin.connectionCount == 2)
    }

    @Test("A connection that rests too long is ended, with a word of goodbye")
    func resting() throws {
        let gone = DispatchSemaphore(value: 0)
        let origin = try Origin(
            StreamOrigin.script { origin, event in
                if case .goAway(_, .noError) = event { gone.signal() }
                WorkerSharedTests.echo(origin, event)
            })
        var timeouts = TimeoutConfig()
        timeouts.upstreamIdle = .seconds(7)
        let (worker, address) = try RunningWorker.plain(
            origin.address, timeouts: timeouts, speaks: .h2c)
        let peer = try Peer(address)
        try peer.send(WorkerSharedTests.get("/a"))
        #expect(try peer.reply().body == "/a")
        try worker.settle()
        try worker.advance(by: .seconds(8))
        #expect(gone.wait(timeout: .now() + 30) == .success)
        let other = try Peer(address)
        try other.send(WorkerSharedTests.get("/b"))
        #expect(try other.reply().body == "/b")
        #expect(origin.connectionCount == 2)
    }

    @Test("A server's connection that ends takes only its own streams with it")
    func ending() throws {
        let origin = try Origin(
            StreamOrigin.script { origin, event in
                guard case .request(let stream, _) = event else { return }
                if origin.path == "/end" {
                    origin.connection.finish()
                    origin.connection.reset()
                } else {
                    origin.answer(stream, "ok")
                }
            })
        let (worker, address) = try RunningWorker.plain(
            origin.address, speaks: .h2c, change: { $0.streamsPerConnection = 1 })
        let peer = try Peer(address)
        try peer.send(head("POST /end HTTP/1.1", "Host: localhost", "Content-Length: 0"))
        #expect(try peer.reply().status == 502)
        try peer.send(WorkerSharedTests.get("/ok"))
        #expect(try peer.reply().body == "ok")
        _ = worker
    }

    @Test("A client of gRPC hears a status of gRPC where there is no server")
    func grpcUnavailable() throws {
        let (worker, address) = try RunningWorker.plain(
            .ipv4(0x7f00_0001, port: 1), speaks: .h2c)
        let peer = try Peer(address)
        try peer.send(
            head(
                "POST /a.B/C HTTP/1.1", "Host: localhost", "Content-Length: 0",
                "Content-Type: application/grpc"))
        let reply = try peer.reply()
        #expect(reply.status == 200)
        #expect(reply.field("grpc-status") == "14")
        #expect(reply.field("content-type") == "application/grpc")
        _ = worker
    }
}
