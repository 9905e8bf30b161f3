import Bytes
import Config
import Foundation
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Tunnel+End", .serialized)
struct WorkerTunnelEndTests {
    /// A core was busy with it until the server had ended too, and no deadline came.
    @Test("A client's end is passed on once, and the silence behind it has its deadline")
    func once() throws {
        let end = DispatchSemaphore(value: 0)
        let origin = try Origin { _ in end.wait() }
        let setup = WorkerSetup(sites: [.init(servers: [origin.address])], tcp: 0)
        let driven = try DrivenWorker(setup, isClockStopped: true)
        let peer = try Peer(driven.address)
        try driven.turn("a tunnel") {
            driven.worker.downstreams.element(at: 0)?.exchange?.machine.state == .tunnelling
        }
        try peer.finish()
        try driven.turn("the client's end") { driven.upstream?.isShutDown == true }
        let snapshot = try #require(driven.worker.installed?.snapshot)
        driven.advance(by: snapshot.settings.timeouts.tcpIdle - .seconds(1))
        let connection = try #require(driven.worker.downstreams.element(at: 0))
        let upstream = try #require(driven.upstream)
        // As where the client's end and room for what it gets are told at once.
        connection.canRead = true
        driven.worker.markDirty(upstream)
        for _ in 0..<5 { driven.turn() }
        #expect(driven.worker.readyDownstreams.isEmpty)
        driven.advance(by: .seconds(2))
        try driven.turn("the end of both") {
            driven.worker.downstreams.count == 0 && driven.upstream == nil
        }
        end.signal()
    }

    /// What stood in the kernel was not read before the client sent more.
    @Test("All that a client sends before the tunnel opens reaches the server")
    func early() throws {
        let go = DispatchSemaphore(value: 0)
        let count = 400_000
        let origin = try Origin { connection in
            _ = connection.readHead()
            go.wait()
            connection.send(
                head("HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: x"))
            connection.send("got \(connection.read(count).utf8.count)")
            _ = connection.readToEnd()
        }
        let driven = try DrivenWorker(origin.address)
        let peer = try Peer(driven.address)
        try peer.send(WorkerTunnelTests.ask)
        peer.sendInBackground([UInt8](repeating: 120, count: count))
        try driven.turn("as much as is held") {
            (driven.worker.downstreams.element(at: 0)?.inbound.count ?? 0) >= 65_536
        }
        for _ in 0..<20 { driven.turn() }
        go.signal()
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 101)
        try driven.turn(untilInputFor: peer)
        #expect(try peer.exactly(10) == "got 400000")
    }
}
