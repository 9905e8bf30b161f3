import Foundation
import Platform
import TestSupport
import Testing

@testable import Proxy

@Suite("Worker+Tunnel", .serialized)
struct WorkerTunnelTests {
    static let ask = head("GET / HTTP/1.1", "Host: localhost", "Connection: upgrade", "Upgrade: x")

    private func switching(to name: String) -> String {
        head("HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: \(name)")
    }

    /// RFC 9110 §7.8: a server must not change to what was not offered.
    @Test(
        "A tunnel opens to what the client has offered, and to nothing else",
        arguments: [
            ("x", "x", 101), ("websocket", "WebSocket", 101), ("a/1, x ,b", "x", 101),
            ("x", "y", 502), ("xy", "x", 502), ("x, y", "x, y", 502), ("", "x", 502),
        ])
    func offered(wanted: String, chosen: String, status: Int) throws {
        let answer = switching(to: chosen)
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send(answer)
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(
            head("GET / HTTP/1.1", "Host: localhost", "Connection: upgrade", "Upgrade: \(wanted)"))
        #expect(try peer.reply().status == status)
        try worker.stop()
    }

    /// The rest of the body would have been taken for the new protocol.
    @Test("A tunnel does not open before the request has ended")
    func unfinishedRequest() throws {
        let answer = switching(to: "x")
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send(answer)
            _ = connection.readToEnd()
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(
            head(
                "POST / HTTP/1.1", "Host: localhost", "Connection: upgrade", "Upgrade: x",
                "Content-Length: 9"))
        #expect(try peer.reply().status == 502)
        try worker.stop()
    }

    /// A tunnel in which the server has said "hello", its client and its server.
    private func tunnel(_ script: @escaping @Sendable (OriginConnection) throws -> Void) throws -> (
        RunningWorker, Peer, Origin
    ) {
        let answer = switching(to: "x")
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send(answer + "hello")
            try script(connection)
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        try peer.send(WorkerTunnelTests.ask + "early")
        #expect(try peer.reply().status == 101)
        #expect(try peer.exactly(5) == "hello")
        return (worker, peer, origin)
    }

    @Test("What stands behind either head is passed on as it is")
    func early() throws {
        let (worker, peer, origin) = try tunnel { connection in
            connection.send(connection.read(5))
            _ = connection.readToEnd()
        }
        #expect(try peer.exactly(5) == "early")
        _ = origin
        try worker.stop()
    }

    @Test("A server's reset is passed on as one")
    func serverReset() throws {
        let go = DispatchSemaphore(value: 0)
        let taken = DispatchSemaphore(value: 0)
        let (worker, peer, origin) = try tunnel { connection in
            _ = connection.read(5)
            taken.signal()
            // To close with bytes unread is to reset.
            go.wait()
        }
        taken.wait()
        try peer.send("unread")
        try worker.settle()
        try worker.settle()
        go.signal()
        _ = try peer.receiveAll()
        #expect(!peer.isCleanlyClosed)
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        try worker.stop()
    }

    /// The server's side stayed open for as long as it was silent: an hour.
    @Test(
        "A client's reset ends the tunnel at once, also behind its end", arguments: [true, false])
    func clientReset(endsFirst: Bool) throws {
        let go = DispatchSemaphore(value: 0)
        var (worker, peer, origin): (RunningWorker, Peer?, Origin) = try tunnel { connection in
            go.wait()
            connection.send("unread")
            while !connection.read(1).isEmpty {}
            // The end of the client's side alone ends nothing.
            DispatchSemaphore(value: 0).wait()
        }
        if endsFirst { try peer?.finish() }
        go.signal()
        #expect(peer?.hasInput(within: .seconds(20)) == true)
        try worker.settle()
        try worker.settle()
        try worker.waitForServer(origin.address, active: 1, idle: 0)
        // To close with bytes unread is to reset.
        peer = nil
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        try worker.waitForConnections(0)
        try worker.stop()
    }

    @Test("Each end may close its side first", arguments: [true, false])
    func halfClose(clientFirst: Bool) throws {
        let (worker, peer, origin) = try tunnel { connection in
            if !clientFirst { connection.finish() }
            let count = connection.readToEnd()
            if clientFirst { connection.send("got \(count)") }
            connection.finish()
        }
        if clientFirst {
            try peer.finish()
            #expect(try peer.receiveAll() == "got 5")
        } else {
            #expect(try peer.receiveAll() == "")
            try peer.finish()
        }
        #expect(peer.isCleanlyClosed)
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        try worker.waitForConnections(0)
        try worker.stop()
    }
}
