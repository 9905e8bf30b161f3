import Foundation
import Platform
import TestSupport
import Testing

/// Listeners without TLS whose connections all go to one backend.
@Suite struct TCPListenerTests {
    private func start(
        _ script: @escaping @Sendable (OriginConnection) throws -> Void
    ) throws -> MartletInstance {
        let origin = try Origin(script)
        return try MartletInstance(
            sites: "", listeners: "  - { address: \"127.0.0.1:0\", tls: false, backend: raw }\n",
            more: """
                backends: { raw: { servers: ["\(origin.address)"] } }
                access_log: { path: "access.log" }
                """, keeping: origin)
    }

    @Test("A server that speaks first is heard at once, and both ends close as they like")
    func speaksFirst() throws {
        let martlet = try start { connection in
            connection.send("hello")
            let (text, isInOrder) = connection.readAll()
            connection.send("\(text) \(isInOrder)")
        }
        let peer = try Peer(martlet.address)
        #expect(try TCPFixture.read(5, from: peer) == "hello")
        try peer.send("there")
        try peer.finish()
        #expect(try peer.receiveAll() == "there true")
        #expect(peer.isCleanlyClosed)
        let line = try TCPFixture.line(martlet)
        #expect(line.contains("\"site\":\"127.0.0.1:0\",\"host\":\"\",\"protocol\":\"TCP\""))
        #expect(line.contains("\"bytes_in\":5,\"bytes_out\":15"))
        try TCPFixture.wait(martlet, "completed", site: "127.0.0.1:0")
    }

    @Test("A client that reads nothing holds the server back, and no memory")
    func holdsBack() throws {
        let martlet = try start { connection in
            connection.send([UInt8](repeating: 1, count: 64 << 20))
        }
        let peer = try Peer(martlet.address)
        let before = try martlet.process.memory().now
        try martlet.waitUntilIdle()
        #expect(try martlet.process.memory().now < before + 4 << 20)
        #expect(try peer.receiveAll().utf8.count == 64 << 20)
        #expect(peer.isCleanlyClosed)
        try peer.finish()
        try TCPFixture.wait(martlet, "completed", site: "127.0.0.1:0")
    }

    @Test("A client's reset is a reset at the server")
    func reset() throws {
        let finding = Finding<Bool>()
        let martlet = try start { connection in
            connection.send("x")
            finding.set(connection.readAll().isInOrder)
        }
        var peer: Peer? = try Peer(martlet.address)
        #expect(try peer.map { try TCPFixture.read(1, from: $0) } == "x")
        try peer?.send("y")
        peer?.resetAtEnd()
        peer = nil
        #expect(try finding.get() == false)
        try TCPFixture.wait(martlet, "client_reset", site: "127.0.0.1:0")
    }
}
