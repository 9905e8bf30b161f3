import Config
import Dispatch
import HTTP
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Proxy

/// The line of a backend over reloads: first come, first served.
@Suite("Worker+Waiting+Reload", .serialized)
struct WorkerWaitingReloadTests {
    /// A backend that a reload describes anew, and those who ask it, by their paths.
    private final class Scene {
        private let reloads: ReloadScene
        private var peers: [String: Peer] = [:]

        init() throws { reloads = try ReloadScene() }

        var worker: RunningWorker { reloads.worker }

        /// Serves by these servers from now on; by none of the backend where there are none.
        func serve(
            _ servers: [SocketAddress], requests: Int = 1, queue: Int = 10, timeout: Int = 1_000
        ) throws {
            try reloads.serve(
                servers,
                limits: BackendLimitConfig(
                    requests: requests, queue: queue, queueTimeout: .seconds(timeout)))
        }

        func ask(_ path: String) throws { peers[path] = try reloads.ask(path) }

        /// Asks again on the connection of another request, which has not been answered yet.
        func ask(_ path: String, behind other: String) throws {
            let peer = try #require(peers[other])
            try peer.send(head("GET \(path) HTTP/1.1", "Host: localhost"))
            peers[path] = peer
        }

        /// Asks, and waits until so many are in the line.
        func queue(_ path: String, _ count: Int) throws {
            try ask(path)
            try wait(count)
        }

        func wait(_ count: Int) throws { try worker.waitForQueue(count) }

        var queued: Int { get throws { try worker.queued } }

        /// The status and the body of the answer.
        func reply(_ path: String) throws -> String {
            let reply = try #require(peers[path]).reply()
            return reply.status == 200 ? "200 \(reply.body)" : "\(reply.status)"
        }

        func isAnswered(_ path: String) throws -> Bool {
            try #require(peers[path]).hasInput(within: .zero)
        }

        func leave(_ path: String) { peers.removeValue(forKey: path)?.reset() }
    }

    /// Each snapshot had a line of its own: `/3` overtook `/1` and `/2`, or they it.
    @Test("Who came before a reload is served before those who came after it")
    func order() throws {
        let gate = try GatedOrigin()
        let scene = try Scene()
        try scene.serve([gate.origin.address])
        try scene.ask("/0")
        try gate.wait(1)
        for index in 1..<9 {
            try scene.queue("/\(index)", index)
            if index % 2 == 0 { try scene.serve([gate.origin.address]) }
        }
        for index in 0..<9 {
            gate.letGo()
            #expect(try scene.reply("/\(index)") == "200 /\(index)")
            try gate.wait(min(9, index + 2))
        }
        #expect(gate.paths == (0..<9).map { "/\($0)" })
        #expect(try scene.queued == 0)
        try scene.worker.stop()
    }

    /// It found nobody in the line of its own snapshot, and the place that its own connection had
    /// just left.
    @Test("A request of the one who was just served goes behind those of before the reload")
    func noOvertaking() throws {
        let gate = try GatedOrigin()
        let scene = try Scene()
        try scene.serve([gate.origin.address])
        try scene.ask("/0")
        try gate.wait(1)
        for index in 1..<3 { try scene.queue("/\(index)", index) }
        try scene.serve([gate.origin.address])
        try scene.ask("/again", behind: "/0")
        for _ in 0..<4 { gate.letGo() }
        for path in ["/0", "/1", "/2", "/again"] {
            #expect(try scene.reply(path) == "200 \(path)")
        }
        #expect(gate.paths == ["/0", "/1", "/2", "/again"])
        try scene.worker.stop()
    }

    @Test("A reload that raises the limit lets the line move at once, in its order")
    func raised() throws {
        let gate = try GatedOrigin()
        let scene = try Scene()
        try scene.serve([gate.origin.address])
        try scene.ask("/0")
        try gate.wait(1)
        for index in 1..<4 { try scene.queue("/\(index)", index) }
        try scene.serve([gate.origin.address], requests: 2)
        try gate.wait(2)
        try scene.wait(2)
        try scene.queue("/4", 3)
        try scene.serve([gate.origin.address], requests: 4)
        try gate.wait(4)
        #expect(Set(gate.paths) == ["/0", "/1", "/2", "/3"] && gate.paths[1] == "/1")
        for _ in 0..<5 { gate.letGo() }
        for index in 0..<5 { #expect(try scene.reply("/\(index)") == "200 /\(index)") }
        try scene.worker.stop()
    }

    @Test("Who waits is sent to a server that a reload has added, once all his own are gone")
    func moved() throws {
        let gates = try [GatedOrigin(), GatedOrigin()]
        let scene = try Scene()
        try scene.serve([gates[0].origin.address])
        try scene.ask("/0")
        try gates[0].wait(1)
        for index in 1..<4 { try scene.queue("/\(index)", index) }
        try scene.serve([gates[1].origin.address])
        try gates[1].wait(1)
        try scene.queue("/4", 3)
        for index in 1..<5 {
            gates[1].letGo()
            #expect(try scene.reply("/\(index)") == "200 /\(index)")
        }
        #expect(gates[1].paths == ["/1", "/2", "/3", "/4"])
        gates[0].letGo()
        #expect(try scene.reply("/0") == "200 /0")
        try scene.worker.stop()
    }

    @Test("Who waits for a server that stays holds up nobody who may have another one")
    func partly() throws {
        let gates = try [GatedOrigin(), GatedOrigin()]
        let scene = try Scene()
        try scene.serve([gates[0].origin.address])
        try scene.ask("/0")
        try gates[0].wait(1)
        try scene.queue("/1", 1)
        try scene.serve(gates.map(\.origin.address))
        try scene.ask("/2")
        try gates[1].wait(1)
        try scene.queue("/3", 2)
        // The place at the first server is that of the one who came first; the other waits on.
        gates[0].letGo()
        try gates[0].wait(2)
        try scene.wait(1)
        gates[1].letGo()
        try gates[1].wait(2)
        for gate in gates { gate.letGo() }
        for index in 0..<4 { #expect(try scene.reply("/\(index)") == "200 /\(index)") }
        #expect(gates.map(\.paths) == [["/0", "/1"], ["/2", "/3"]])
        try scene.worker.stop()
    }

    @Test("A backend that a reload removes serves those who wait for it")
    func removed() throws {
        let gate = try GatedOrigin()
        let scene = try Scene()
        try scene.serve([gate.origin.address])
        try scene.ask("/0")
        try gate.wait(1)
        for index in 1..<3 { try scene.queue("/\(index)", index) }
        try scene.serve([])
        #expect(try scene.queued == 2)
        for index in 0..<3 {
            gate.letGo()
            #expect(try scene.reply("/\(index)") == "200 /\(index)")
        }
        #expect(gate.paths == ["/0", "/1", "/2"])
        try scene.worker.stop()
    }

    @Test("Who waits for a backend that comes back is served by what it is then, before others")
    func removedAndBack() throws {
        let gates = try [GatedOrigin(), GatedOrigin()]
        let scene = try Scene()
        try scene.serve([gates[0].origin.address])
        try scene.ask("/0")
        try gates[0].wait(1)
        try scene.queue("/1", 1)
        try scene.queue("/2", 2)
        try scene.serve([])
        try scene.serve([gates[1].origin.address])
        try gates[1].wait(1)
        try scene.queue("/3", 2)
        for index in 1..<4 {
            gates[1].letGo()
            #expect(try scene.reply("/\(index)") == "200 /\(index)")
        }
        #expect(gates[1].paths == ["/1", "/2", "/3"])
        gates[0].letGo()
        try scene.worker.stop()
    }

    @Test("Everyone's deadline is the one of the time when he came", arguments: [true, false])
    func deadline(isRemoved: Bool) throws {
        let gate = try GatedOrigin()
        let scene = try Scene()
        try scene.serve([gate.origin.address])
        try scene.ask("/0")
        try gate.wait(1)
        try scene.queue("/1", 1)
        if isRemoved {
            try scene.serve([])
        } else {
            try scene.serve([gate.origin.address], timeout: 100)
            try scene.queue("/2", 2)
        }
        try scene.worker.advance(by: .seconds(99))
        #expect(try scene.queued == (isRemoved ? 1 : 2))
        try scene.worker.advance(by: .seconds(2))
        if !isRemoved { #expect(try scene.reply("/2") == "503") }
        try scene.worker.advance(by: .seconds(898))
        #expect(try scene.queued == 1)
        #expect(try !scene.isAnswered("/1"))
        try scene.worker.advance(by: .seconds(2))
        #expect(try scene.reply("/1") == "503")
        #expect(try scene.queued == 0)
        gate.letGo()
        #expect(try scene.reply("/0") == "200 /0")
        #expect(gate.paths == ["/0"])
        try scene.worker.stop()
    }

    @Test("The line is as long as the newest configuration lets it be, over all snapshots")
    func bound() throws {
        let gate = try GatedOrigin()
        let scene = try Scene()
        try scene.serve([gate.origin.address], queue: 2)
        try scene.ask("/0")
        try gate.wait(1)
        try scene.queue("/1", 1)
        try scene.serve([gate.origin.address], queue: 3)
        for index in 2..<4 { try scene.queue("/\(index)", index) }
        try scene.ask("/4")
        #expect(try scene.reply("/4") == "503")
        scene.leave("/1")
        try scene.wait(2)
        try scene.queue("/5", 3)
        for _ in 0..<4 { gate.letGo() }
        for path in ["/0", "/2", "/3", "/5"] { #expect(try scene.reply(path) == "200 \(path)") }
        #expect(gate.paths == ["/0", "/2", "/3", "/5"])
        try scene.worker.stop()
    }

    @Test("Snapshots of which nobody waits any more are let go")
    func released() throws {
        let gate = try GatedOrigin()
        let scene = try Scene()
        for _ in 0..<3 { try scene.serve([gate.origin.address]) }
        try scene.ask("/0")
        try gate.wait(1)
        try scene.queue("/1", 1)
        try scene.serve([gate.origin.address])
        for _ in 0..<2 { gate.letGo() }
        for path in ["/0", "/1"] { #expect(try scene.reply(path) == "200 \(path)") }
        try Deadline.wait("three generations") {
            try scene.worker.settle()
            return scene.worker.released.withLock { $0 } == [1, 2, 3]
        }
        try scene.worker.stop()
    }
}
