import Platform
import TestSupport
import Testing

/// Attacks that last, on the connection, on TLS and on HTTP/1.1, while others are served.
@Suite struct HostileAttackTests {
    typealias Attack = (name: String, attack: @Sendable (HostileSiege) throws -> Bool)

    static let settings = """
        timeouts:
          handshake: 2s
          request_head: 2s
          request_body: 2s
          keep_alive: 5s
          response_write: 2s
        limits: { connections: 400, connections_per_address: 100 }
        """

    /// A backend that sends without end to who asks for `/endless`, and answers all others.
    static func backend() throws -> Origin {
        try Origin { connection in
            while let head = connection.readHead() {
                if head.contains(" /endless") {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n")
                    while connection.send([UInt8](repeating: 120, count: 65_536)) {}
                    return
                }
                if !head.hasPrefix("GET ") {
                    _ = connection.readToEnd()
                    return
                }
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            }
        }
    }

    static let attacks: [Attack] = [
        ("slow heads", slowHead),
        ("slow bodies", slowBody),
        ("slow readers", slowReader),
        ("many connections", manyConnections),
        ("half-open handshakes", halfHandshake),
        ("handshakes", { siege in try siege.attacker().isResumed == false }),
        ("KeyUpdate", keyUpdates),
        ("tiny records", tinyRecords),
        ("plain text", plainText),
    ]

    /// Several drip at once.
    private static func slowHead(_ siege: HostileSiege) throws -> Bool {
        let peers = try (0..<8).map { _ in try siege.attacker() }
        for peer in peers { try peer.send("GET / HTTP/1.1\r\nX: ") }
        var open = peers
        while !siege.isOver, !open.isEmpty {
            open.removeAll { $0.hasInput(within: .milliseconds(5)) }
            for peer in open { try? peer.send("a") }
            HostileSiege.rest(50)
        }
        guard open.isEmpty else { return false }
        return try peers.allSatisfy { try $0.reply().status == 408 }
    }

    private static func slowBody(_ siege: HostileSiege) throws -> Bool {
        let peers = try (0..<8).map { _ in try siege.attacker() }
        for peer in peers {
            try peer.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n")
        }
        var open = peers
        while !siege.isOver, !open.isEmpty {
            open.removeAll { $0.hasInput(within: .milliseconds(5)) }
            for peer in open { try? peer.send("a") }
            HostileSiege.rest(50)
        }
        guard open.isEmpty else { return false }
        return try peers.allSatisfy { try $0.reply().status == 408 }
    }

    /// Several that ask and do not read.
    private static func slowReader(_ siege: HostileSiege) throws -> Bool {
        let peers = try (0..<8).map { _ in try siege.attacker() }
        for peer in peers { try peer.send("GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n") }
        let deadline = MonotonicTime.now() + .seconds(6)
        while !siege.isOver, MonotonicTime.now() < deadline { HostileSiege.rest(50) }
        guard !siege.isOver else { return false }
        for peer in peers {
            while try peer.receive() { peer.dropReceived() }
            if peer.isCleanlyClosed { return false }
        }
        return true
    }

    /// More than one address may have, without a byte.
    private static func manyConnections(_ siege: HostileSiege) throws -> Bool {
        let source = SocketAddress.ipv4(0x7f00_0043, port: 0)
        let peers = try (0..<150).map { _ in try Peer(siege.martlet.address, from: source) }
        // Else their ports stay in TIME_WAIT for a minute, and nobody can have them.
        for peer in peers { peer.resetAtEnd() }
        return try peers.reversed().contains {
            try $0.hasInput(within: .milliseconds(10)) && !$0.receive()
        }
    }

    /// The begin of a ClientHello, and no more.
    private static func halfHandshake(_ siege: HostileSiege) throws -> Bool {
        let peers = try (0..<16).map { _ in
            try Peer(siege.martlet.address, from: HostileSiege.attackers)
        }
        for peer in peers { try peer.send([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]) }
        for peer in peers {
            while !siege.isOver, !peer.hasInput(within: .milliseconds(100)) {}
            if siege.isOver { return false }
            while try peer.receive() {}
        }
        return true
    }

    private static func keyUpdates(_ siege: HostileSiege) throws -> Bool {
        let peer = try siege.attacker()
        var count = 0
        while !siege.isOver, count < 200 {
            do { try peer.updateKeys() } catch { break }
            count += 1
            while peer.hasInput(within: .milliseconds(1)), try peer.receive() {}
            if peer.isEnded { break }
        }
        while !siege.isOver, !peer.isEnded, peer.hasInput(within: .seconds(1)), try peer.receive() {
        }
        return peer.isEnded && !peer.isCleanlyClosed && count < 100
    }

    /// A record for each byte: that is slow, and answered.
    private static func tinyRecords(_ siege: HostileSiege) throws -> Bool {
        let peer = try siege.attacker()
        for byte in Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8) {
            try peer.send([byte])
        }
        return try peer.reply().status == 200
    }

    private static func plainText(_ siege: HostileSiege) throws -> Bool {
        let peer = try Peer(siege.martlet.address, from: HostileSiege.attackers)
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return try peer.reply().status == 400
    }

    @Test("While connections are held and wasted, others are served and memory stays bounded")
    func siege() throws {
        let origin = try HostileAttackTests.backend()
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: HostileAttackTests.settings,
            keeping: origin)
        try HostileSiege(martlet).run(HostileAttackTests.attacks)
    }
}
