import Foundation
import TestSupport
import Testing

/// What a connection holds while nothing happens on it.
@Suite struct IdleMemoryTests {
    private static let count = 400

    /// Opens connections and lets each have one answer of 64 KiB.
    private func open(_ martlet: MartletInstance, _ count: Int) throws -> [Peer] {
        try (0..<count).map { _ in
            let peer = try martlet.connect()
            try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(try peer.reply().body.utf8.count == 65_536)
            return peer
        }
    }

    /// OpenSSL's buffers for a record in each direction would be 34 KiB, and each queue as much as
    /// went through it.
    @Test("An idle TLS connection has given back the buffers of TLS and of its requests")
    func buffers() throws {
        let origin = try Origin { connection in
            let body = String(repeating: "x", count: 65_536)
            while connection.readHead() != nil {
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n\(body)")
            }
        }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address),
            more: "workers: 1\nlimits: { connections: 2000, connections_per_address: 2000 }")
        // What the first few make grow serves all that follow.
        let warm = try open(martlet, 20)
        try martlet.waitUntilIdle()
        let before = try martlet.process.memory().now
        let idle = try open(martlet, IdleMemoryTests.count)
        try martlet.waitUntilIdle()
        let each = (try martlet.process.memory().now - before) / IdleMemoryTests.count
        let allowance = RunningProcess.sanitizerMemory / IdleMemoryTests.count
        #expect(each < 30_000 + allowance, "\(each) bytes")
        #expect(warm.count + idle.count == 20 + IdleMemoryTests.count)
    }

    /// OpenSSL's session alone would be more than 8 KiB.
    @Test("A client that connects and says nothing costs no TLS session")
    func silence() throws {
        let martlet = try MartletInstance(
            sites: MartletInstance.site(named: "http://127.0.0.1:1"),
            more: "workers: 1\nlimits: { connections: 2000, connections_per_address: 2000 }\n"
                + "timeouts: { handshake: 10m }")
        func connect(_ count: Int) throws -> [Peer] {
            try (0..<count).map { _ in try Peer(martlet.address) }
        }
        let warm = try connect(20)
        try martlet.waitUntilIdle()
        let before = try martlet.process.memory().now
        let silent = try connect(IdleMemoryTests.count)
        try martlet.waitUntilIdle()
        let each = (try martlet.process.memory().now - before) / IdleMemoryTests.count
        let allowance = RunningProcess.sanitizerMemory / IdleMemoryTests.count
        #expect(each < 6_000 + allowance, "\(each) bytes")
        #expect(warm.count + silent.count == 20 + IdleMemoryTests.count)
    }
}
