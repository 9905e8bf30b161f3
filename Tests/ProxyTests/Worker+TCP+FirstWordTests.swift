import Config
import HTTP
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Who speaks first where bytes are bytes.
@Suite("Worker+TCP+FirstWord", .serialized)
struct WorkerTCPFirstWordTests {
    /// The first twelve bytes of a header about a client on this machine.
    private static func begin(_ version: ProxyVersion) -> [UInt8] {
        version == .v1
            ? Array("PROXY TCP4 1".utf8) : [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]
    }

    private func serve(
        _ origin: Origin, _ version: ProxyVersion, _ body: (Peer) throws -> Void
    ) throws {
        let worker = try RunningWorker()
        let setup = WorkerSetup(
            sites: [.init(servers: [origin.address], proxyHeader: version)], tcp: 0)
        let listener = try WorkerSetup.listen()
        try worker.install(setup, on: listener)
        let peer = try Peer(listener.address)
        try body(peer)
        peer.reset()
        try worker.stop()
    }

    /// It left with the client's first bytes, for which a client that waits for a greeting has no
    /// reason.
    @Test(
        "A server is told who the client is, although neither it nor the client has asked",
        arguments: [ProxyVersion.v1, .v2])
    func silentClient(version: ProxyVersion) throws {
        let expected = WorkerTCPFirstWordTests.begin(version)
        let origin = try Origin { connection in
            let isKnown = connection.read(bytes: 12) == expected
            connection.send(isKnown ? "220 known\r\n" : "550 unknown\r\n")
            _ = connection.readToEnd()
        }
        try serve(origin, version) { peer in
            let line = try peer.until("\r\n")
            #expect(line == "220 known\r\n")
        }
    }

    @Test(
        "A server that greets before it has looked is heard, and told who the client is",
        arguments: [ProxyVersion.v1, .v2])
    func greetingServer(version: ProxyVersion) throws {
        let expected = WorkerTCPFirstWordTests.begin(version)
        let origin = try Origin { connection in
            connection.send("220 ready\r\n")
            let isKnown = connection.read(bytes: 12) == expected
            connection.send(isKnown ? "250 known\r\n" : "550 unknown\r\n")
            _ = connection.readToEnd()
        }
        try serve(origin, version) { peer in
            let lines = [try peer.until("\r\n"), try peer.until("\r\n")]
            #expect(lines == ["220 ready\r\n", "250 known\r\n"])
        }
    }
}
