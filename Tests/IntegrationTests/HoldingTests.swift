import Platform
import TestSupport
import Testing

/// Requests that wait for their server to be back.
@Suite struct HoldingTests {
    @Test("A backend that is started while requests wait for it serves them")
    func restart() throws {
        let server = try SocketAddress.vacant()
        let martlet = try HoldingTests.start(server)
        let peers = try ["GET", "POST", "PUT"].map { method in
            let peer = try martlet.connect()
            try peer.send(
                "\(method) / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody")
            return peer
        }
        try martlet.wait(metric: "martlet_upstream_queue{backend=\"api\"}", atMost: 30) { $0 == 3 }
        let origin = try Origin(at: server) { $0.echo() }
        for peer in peers {
            let reply = try peer.reply()
            #expect(reply.status == 200)
            #expect(reply.body.hasSuffix("body"))
        }
        #expect(origin.heads.count == 3)
    }

    @Test("Who is held while descriptors are short is served when there are some again")
    func shortage() throws {
        let server = try SocketAddress.vacant()
        let martlet = try HoldingTests.start(server)
        let peer = try martlet.connect()
        try peer.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody")
        try martlet.wait(metric: "martlet_upstream_queue{backend=\"api\"}", atMost: 30) { $0 == 1 }
        try limit(martlet, 3)
        let origin = try Origin(at: server) { $0.echo() }
        try martlet.process.errors.wait(for: "Too many open files", atMost: 60)
        #expect(origin.heads.isEmpty)
        try limit(martlet, 1_024)
        let reply = try peer.reply()
        #expect(reply.status == 200)
        #expect(reply.body.hasSuffix("body"))
    }

    /// Says how many descriptors the process may have.
    private func limit(_ martlet: MartletInstance, _ count: Int) throws {
        let result = try RunningProcess.run(
            "prlimit", ["--pid", "\(martlet.process.id)", "--nofile=\(count):"])
        #expect(result.code == 0, "\(result.errors)")
    }

    private static func start(_ server: SocketAddress) throws -> MartletInstance {
        try MartletInstance(
            sites: MartletInstance.site(named: "api"),
            more: """
                workers: 1
                backends: { api: { servers: ["\(server)"], retries: { wait: 1m } } }
                """)
    }
}
