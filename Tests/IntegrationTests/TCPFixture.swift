import Foundation
import Platform
import TestSupport

/// What the tests of TCP sites have in common.
enum TCPFixture {
    /// A TCP site for `localhost` in front of a server.
    static func site(_ backend: SocketAddress, more: String = "") -> String {
        """
          - hosts: ["localhost"]
            protocol: tcp
            certificates: [{ chain: "cert.pem", key: "cert.key" }]
            backend: "tcp://\(backend)"
        \(more)
        """
    }

    /// An instance with one TCP site, in front of a script, and with an access log.
    static func start(
        more: String = "", site: String = "",
        _ script: @escaping @Sendable (OriginConnection) throws -> Void
    ) throws -> (martlet: MartletInstance, origin: Origin) {
        let origin = try Origin(script)
        let martlet = try MartletInstance(
            sites: TCPFixture.site(origin.address, more: site),
            more: "access_log: { path: \"access.log\" }\n\(more)", keeping: origin)
        return (martlet, origin)
    }

    /// The only line of the access log, once it is there.
    static func line(_ martlet: MartletInstance) throws -> String {
        let deadline = MonotonicTime.now() + .seconds(20)
        while true {
            let text = (try? martlet.folder.read("access.log")) ?? ""
            if text.hasSuffix("\n") { return text }
            guard MonotonicTime.now() < deadline else { throw TestFailure("no line: \(text)") }
            _ = Poll.wait([], timeout: .milliseconds(10))
        }
    }

    /// Waits until so many connections of a site have ended in a way.
    static func wait(
        _ martlet: MartletInstance, _ result: String, site: String = "localhost",
        _ count: Double = 1
    ) throws {
        let series = "martlet_tcp_connections_total{site=\"\(site)\",result=\"\(result)\"}"
        try martlet.wait(metric: series, atMost: 20) { $0 == count }
    }

    /// Reads until `count` bytes are there, and takes them.
    static func read(_ count: Int, from peer: Peer) throws -> String {
        while peer.receivedCount < count {
            guard try peer.receive() else { throw TestFailure("the stream ended early") }
        }
        return String(decoding: peer.take(count), as: UTF8.self)
    }
}

/// What a script on another thread found.
final class Finding<Value: Sendable>: @unchecked Sendable {
    private let lock = NSCondition()
    private var value: Value?

    /// Tells it.
    func set(_ value: Value) {
        lock.withLock {
            self.value = value
            lock.broadcast()
        }
    }

    /// Waits for it.
    func get() throws -> Value {
        let deadline = Date().addingTimeInterval(60)
        lock.lock()
        defer { lock.unlock() }
        while value == nil {
            guard lock.wait(until: deadline) else { throw TestFailure("the script did not end") }
        }
        guard let value else { throw TestFailure("nothing was found") }
        return value
    }
}
