import Platform
import TLS
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

    @Test(
        "A request in early data is held: served when a server is back, and else told so",
        arguments: [true, false])
    func early(isBack: Bool) throws {
        let server = try SocketAddress.vacant()
        let martlet = try HoldingTests.start(
            server, wait: isBack ? "1m" : "2s",
            "tls: { early_data: on }\ntimeouts: { handshake: 1m }")
        let first = try martlet.connect()
        // An answer of our own: there is no server yet.
        try first.send("GET / HTTP/1.1\r\n\r\n")
        #expect(try first.reply().status == 400)
        let ticket = try #require(first.ticket)
        let peer = try Peer(
            martlet.address, tls: TLSClientContext(trusted: martlet.authority.pair.certificate),
            serverName: "localhost", ticket: ticket,
            early: "GET /it HTTP/1.1\r\nHost: localhost\r\n\r\n")
        var origin: Origin?
        if isBack {
            try martlet.wait(metric: "martlet_upstream_queue{backend=\"api\"}", atMost: 30) {
                $0 == 1
            }
            origin = try Origin(at: server) { $0.echo() }
        }
        try peer.finishHandshake()
        #expect(peer.isEarlyDataAccepted)
        let reply = try peer.reply()
        #expect(reply.status == (isBack ? 200 : 503))
        let marked = origin?.heads.filter { $0.contains("\r\nEarly-Data: 1\r\n") }
        #expect(marked?.count == (isBack ? 1 : nil))
        #expect(try martlet.metric("martlet_upstream_queue{backend=\"api\"}") == 0)
    }

    /// Says how many descriptors the process may have.
    private func limit(_ martlet: MartletInstance, _ count: Int) throws {
        let result = try RunningProcess.run(
            "prlimit", ["--pid", "\(martlet.process.id)", "--nofile=\(count):"])
        #expect(result.code == 0, "\(result.errors)")
    }

    private static func start(
        _ server: SocketAddress, wait: String = "1m", _ more: String = ""
    ) throws -> MartletInstance {
        try MartletInstance(
            sites: MartletInstance.site(named: "api"),
            more: """
                workers: 1
                backends: { api: { servers: ["\(server)"], retries: { wait: \(wait) } } }
                \(more)
                """)
    }
}
