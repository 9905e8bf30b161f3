import Platform
import TestSupport
import Testing

/// Every waiting state ends.
@Suite struct DeadlineTests {
    static let short = """
        timeouts:
          handshake: 300ms
          request_head: 1s
          request_body: 300ms
          keep_alive: 500ms
          response_write: 300ms
          upstream_between_bytes: 300ms
          tunnel_idle: 300ms
        """

    private func start(
        _ script: @escaping @Sendable (OriginConnection) throws -> Void = { $0.echo() }
    ) throws -> MartletInstance {
        let origin = try Origin(script)
        return try MartletInstance(
            sites: MartletInstance.site(origin.address), more: DeadlineTests.short,
            keeping: origin)
    }

    @Test("A handshake that does not end is closed and counted as timeout")
    func handshake() throws {
        let martlet = try start()
        let peer = try Peer(martlet.address)
        try peer.sendRaw([22, 3, 1].span)
        _ = try peer.receiveAll()
        try martlet.wait(
            metric:
                "martlet_tls_handshake_failures_total{listener=\"127.0.0.1:0\",reason=\"timeout\"}"
        ) { $0 == 1 }
    }

    @Test("A head that drips is 408, however regularly a byte comes")
    func slowHead() throws {
        let martlet = try start()
        let peer = try martlet.connect()
        let begun = MonotonicTime.now()
        try peer.send("GET / HTTP/1.1\r\nX: ")
        while !peer.hasInput(within: .milliseconds(20)) {
            try peer.send("a")
            guard MonotonicTime.now() - begun < .seconds(10) else { break }
        }
        #expect(try peer.reply().status == 408)
        _ = try peer.receiveAll()
        #expect(peer.isCleanlyClosed)
    }

    @Test("A body that stops is 408")
    func slowBody() throws {
        let martlet = try start { connection in
            _ = connection.readHead()
            _ = connection.readToEnd()
        }
        let peer = try martlet.connect()
        try peer.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\npart")
        #expect(try peer.reply().status == 408)
    }

    @Test("An idle connection is closed without an answer")
    func keepAlive() throws {
        let martlet = try start()
        let peer = try martlet.connect()
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let reply = try peer.reply()
        #expect(reply.status == 200, "\(reply)")
        #expect(try peer.receiveAll() == "")
        #expect(peer.isCleanlyClosed)
    }

    @Test("A client that reads nothing is cut off")
    func slowReader() throws {
        let martlet = try start { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            while connection.send([UInt8](repeating: 120, count: 65_536)) {}
        }
        let peer = try martlet.connect()
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        try martlet.wait(metric: "martlet_connections_active{listener=\"127.0.0.1:0\"}") { $0 == 0 }
        _ = try peer.receiveAll()
        #expect(!peer.isCleanlyClosed)
    }

    @Test("A backend that stops in the middle is cut off, visibly")
    func stalledOrigin() throws {
        let martlet = try start { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            _ = connection.readToEnd()
        }
        let peer = try martlet.connect()
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try peer.receiveAll().hasSuffix("half"))
        #expect(!peer.isCleanlyClosed)
    }
}
