import Config
import Dispatch
import HTTP
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Proxy

/// Exchanges whose backend a reload moves while they are under way.
@Suite("BackendPlace", .serialized)
struct BackendPlaceTests {
    /// A server that answers with the path, or the body where there is one.
    private static func echo() throws -> Origin {
        try Origin { connection in
            while let request = connection.readHead() {
                let length = request.split(separator: "\r\n").first {
                    $0.lowercased().hasPrefix("content-length: ")
                }
                let count = length?.split(separator: " ").last.flatMap { Int($0) } ?? 0
                let path = String(request.split(separator: " ")[1])
                let body = count > 0 ? connection.read(count) : path
                connection.send(
                    head("HTTP/1.1 200 OK", "Content-Length: \(body.utf8.count)") + body)
            }
        }
    }

    /// An address at which a connection fails before the call returns.
    private static let missing = SocketAddress.unix("/nonexistent/martlet-test")

    private static let one = BackendLimitConfig(requests: 1, queue: 10, queueTimeout: .seconds(900))

    /// It went over to the server of HTTP/1.1, where nothing was sent of it; the connection to that
    /// stayed its own, and brought the next client what was not his.
    @Test(
        "A request under way on a stream is not sent again by another protocol",
        arguments: [nil, "body"])
    func otherProtocol(body: String?) throws {
        let cut = DispatchSemaphore(value: 0)
        let attempts = Mutex(0)
        let old = try Origin(
            StreamOrigin.script { origin, event in
                guard case .request(let stream, _) = event else { return }
                let isFirst = attempts.withLock {
                    $0 += 1
                    return $0 == 1
                }
                if isFirst {
                    cut.wait()
                    origin.connection.reset()
                }
                origin.answer(stream, "old")
            })
        let new = try BackendPlaceTests.echo()
        let scene = try ReloadScene()
        try scene.serve([old.address], .h2c)
        let peer = try scene.ask("/first", body: body)
        try Deadline.wait("the stream") { attempts.withLock { $0 } == 1 }
        try scene.serve([new.address])
        cut.signal()
        #expect(try peer.reply().body == "old")
        for path in ["/a", "/b"] { #expect(try scene.ask(path).reply().body == path) }
        try peer.send(head("GET /c HTTP/1.1", "Host: localhost"))
        #expect(try peer.reply().body == "/c")
        try scene.worker.waitForServer(new.address, active: 0, idle: 1)
        try scene.worker.waitForServer(old.address, active: 0, idle: 0)
        try scene.worker.stop()
    }

    @Test("A request that no server has had goes to whatever protocol there is", arguments: [0, 1])
    func untried(first: Int) throws {
        let gate = DispatchSemaphore(value: 0)
        let protocols: [BackendProtocol] = [.h2c, .http1]
        let origins = [
            try Origin(
                StreamOrigin.script { origin, event in
                    if case .request(let stream, _) = event, origin.path == "/0" {
                        gate.wait()
                        origin.answer(stream, "/0")
                    } else if case .end(let stream, _, _) = event {
                        origin.answer(stream, String(decoding: origin.payload, as: UTF8.self))
                    }
                }),
            try Origin { connection in
                while let request = connection.readHead() {
                    let isFirst = request.hasPrefix("GET ")
                    if isFirst { gate.wait() }
                    let body = isFirst ? "/0" : connection.read(4)
                    connection.send(
                        head("HTTP/1.1 200 OK", "Content-Length: \(body.utf8.count)") + body)
                }
            },
        ]
        let scene = try ReloadScene()
        try scene.serve(
            [origins[first].address], protocols[first], limits: BackendPlaceTests.one)
        let under = try scene.ask("/0")
        try scene.worker.waitForServer(origins[first].address, active: 1, idle: 0)
        let waiting = try scene.ask("/1", body: "body")
        try scene.worker.waitForQueue(1)
        try scene.serve(
            [origins[1 - first].address], protocols[1 - first], limits: BackendPlaceTests.one)
        #expect(try waiting.reply().body == "body")
        gate.signal()
        #expect(try under.reply().body == "/0")
        #expect(origins.map(\.connectionCount) == [1, 1])
        try scene.worker.stop()
    }

    @Test("A connection of a TCP site is no stream after a reload")
    func bytes() throws {
        let old = try Origin { connection in
            connection.send("hello")
            _ = connection.readToEnd()
        }
        let new = try Origin(StreamOrigin.script { _, _ in })
        let scene = try ReloadScene()
        try scene.serve([old.address], isTCP: true, limits: BackendPlaceTests.one)
        var first: Peer? = try Peer(scene.listener.address)
        try scene.worker.waitForServer(old.address, active: 1, idle: 0)
        let second = try Peer(scene.listener.address)
        try scene.worker.waitForQueue(1)
        try scene.serve([new.address], .h2c, limits: BackendPlaceTests.one)
        first?.reset()
        first = nil
        try second.receive()
        #expect(second.received == "hello")
        #expect(new.connectionCount == 0)
        try scene.worker.stop()
    }

    /// The number of attempts was that of the snapshot it began with.
    @Test("Who moves may try every server that there is now", arguments: [1, 2, 3, 4])
    func attempts(generation: UInt64) throws {
        let new = try BackendPlaceTests.echo()
        try BackendPlaceTests.behindAnother(from: generation) { scene in
            let waiting = try scene.ask("/1")
            try scene.worker.waitForQueue(1)
            try scene.serve([BackendPlaceTests.missing, try Blackhole().address, new.address])
            #expect(try waiting.reply().body == "/1")
        }
    }

    /// Has a scene do something whose only server has a request already, and takes one at a time.
    private static func behindAnother(
        from generation: UInt64, _ body: (ReloadScene) throws -> Void
    ) throws {
        let gate = DispatchSemaphore(value: 0)
        defer { gate.signal() }
        let busy = try Origin { connection in
            _ = connection.readHead()
            gate.wait()
        }
        let scene = try ReloadScene(generation: generation)
        try scene.serve([busy.address], limits: BackendPlaceTests.one)
        let first = try scene.ask("/0")
        try scene.worker.waitForServer(busy.address, active: 1, idle: 0)
        try withExtendedLifetime(first) { try body(scene) }
        try scene.worker.stop()
    }

    /// It had tried all servers that it knew of, and was answered.
    @Test(
        "A connect to a server that a reload has taken away is followed by one to a new one",
        arguments: [BackendProtocol.http1, .h2c])
    func replaced(speaks: BackendProtocol) throws {
        let old = try Blackhole()
        let new =
            speaks == .h2c
            ? try Origin(StreamOrigin.script { WorkerSharedTests.echo($0, $1) })
            : try BackendPlaceTests.echo()
        let scene = try ReloadScene()
        try scene.serve([old.address], speaks)
        let peer = try scene.ask("/1")
        try scene.worker.waitForServer(old.address, active: 1, idle: 0)
        try scene.serve([new.address], speaks)
        try scene.worker.advance(by: .seconds(1_001))
        let reply = try peer.reply()
        #expect(reply.status == 200 && reply.body == "/1")
        try scene.worker.waitForServer(old.address, active: 0, idle: 0)
        try scene.worker.stop()
    }

    /// The newest configuration has no line: with others behind it, who met a dead server had 503.
    @Test("Who has waited is served beside a dead server, without a line", arguments: [1, 2, 3])
    func free(generation: UInt64) throws {
        let new = try BackendPlaceTests.echo()
        try BackendPlaceTests.behindAnother(from: generation) { scene in
            var waiting: [Peer] = []
            for index in 1..<6 {
                waiting.append(try scene.ask("/\(index)"))
                try scene.worker.waitForQueue(index)
            }
            try scene.serve([BackendPlaceTests.missing, new.address])
            #expect(try waiting.map { try $0.reply().body } == (1..<6).map { "/\($0)" })
        }
    }

    /// The pools were new and empty: a server had twice what it may have.
    @Test("A server whose connections are to be others has no more requests for that")
    func sameMachine() throws {
        let gate = DispatchSemaphore(value: 0)
        let origin = try Origin { connection in
            while connection.readHead() != nil {
                gate.wait()
                connection.send(head("HTTP/1.1 200 OK", "Content-Length: 2") + "ok")
            }
        }
        let scene = try ReloadScene()
        try scene.serve([origin.address], limits: BackendPlaceTests.one)
        var peers = [try scene.ask("/0")]
        try Deadline.wait("the first") { origin.heads.count == 1 }
        for (index, header) in [nil, ProxyVersion.v1, nil].enumerated() {
            try scene.serve([origin.address], limits: BackendPlaceTests.one, proxyHeader: header)
            peers.append(try scene.ask("/\(index + 1)"))
            try scene.worker.waitForQueue(index + 1)
        }
        for (index, peer) in peers.enumerated() {
            try Deadline.wait("\(index)") { origin.heads.count == index + 1 }
            gate.signal()
            #expect(try peer.reply().body == "ok")
        }
        try scene.worker.stop()
    }

    /// The limits that hold for whoever has begun to wait are those of that time.
    @Test("Who comes back to the line stands where the line is as long as he found it")
    func ownLimits() throws {
        let gates = (0..<2).map { _ in DispatchSemaphore(value: 0) }
        let origins = try gates.map { gate in
            try Origin { connection in
                while let request = connection.readHead() {
                    gate.wait()
                    let path = String(request.split(separator: " ")[1])
                    connection.send(
                        head("HTTP/1.1 200 OK", "Content-Length: \(path.utf8.count)") + path)
                }
            }
        }
        let scene = try ReloadScene()
        try scene.serve([origins[0].address], limits: BackendPlaceTests.one)
        let under = try scene.ask("/0")
        try Deadline.wait("the first") { origins[0].heads.count == 1 }
        var waiting: [Peer] = []
        for index in 1..<4 {
            waiting.append(try scene.ask("/\(index)"))
            try scene.worker.waitForQueue(index)
        }
        // One is served, and the others find it busy, and the other server dead.
        try scene.serve(
            [BackendPlaceTests.missing, origins[1].address],
            limits: BackendLimitConfig(requests: 1))
        try Deadline.wait("the second") { origins[1].heads.count == 1 }
        try scene.worker.waitForQueue(2)
        for _ in 0..<3 { gates[1].signal() }
        #expect(try waiting.map { try $0.reply().body } == ["/1", "/2", "/3"])
        gates[0].signal()
        #expect(try under.reply().body == "/0")
        try scene.worker.stop()
    }

    /// Only who waited was thought of: whoever had a server by then never heard of the new ones.
    @Test("A request under way finds a backend that was away for a while")
    func back() throws {
        let cut = DispatchSemaphore(value: 0)
        let old = try Origin { connection in
            _ = connection.readHead()
            cut.wait()
            connection.reset()
        }
        let between = try Origin { $0.reset() }
        let new = try BackendPlaceTests.echo()
        let scene = try ReloadScene()
        try scene.serve([old.address])
        let peer = try scene.ask("/0")
        try Deadline.wait("the request") { old.heads.count == 1 }
        try scene.serve([between.address])
        for _ in 0..<3 { try scene.serve([]) }
        try scene.serve([new.address])
        for _ in 0..<3 { cut.signal() }
        #expect(try peer.reply().body == "/0")
        #expect(between.connectionCount == 0)
        try scene.worker.stop()
    }

    @Test("A backend that is gone holds no snapshot, nor does one that came back")
    func released() throws {
        let origin = try BackendPlaceTests.echo()
        let scene = try ReloadScene()
        for round in 0..<3 {
            try scene.serve([origin.address])
            #expect(try scene.ask("/\(round)").reply().body == "/\(round)")
            try scene.serve([])
        }
        try Deadline.wait("five generations") {
            try scene.worker.settle()
            return Set(scene.worker.released.withLock { $0 }) == [1, 2, 3, 4, 5]
        }
        try scene.worker.stop()
    }
}
