import TestSupport
import Testing

/// HTTP/1.1 through the proxy, as curl and a backend see it.
@Suite struct ProxyingTests {
    @Test("curl gets through TLS what the backend answers")
    func get() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        for version in ["--tlsv1.2 --tls-max 1.2", "--tlsv1.3"] {
            let flags = version.split(separator: " ").map(String.init)
            let result = try RunningProcess.run(
                "curl",
                flags + [
                    "-sSi", "--http1.1", "--cacert", martlet.folder.path("ca.pem"), "--max-time",
                    "20",
                    "https://localhost:\(martlet.port)/a/b?c=d%20e",
                ])
            #expect(result.code == 0, "\(result.errors)")
            #expect(result.output.hasPrefix("HTTP/1.1 200 OK"))
            #expect(result.output.contains("GET /a/b?c=d%20e HTTP/1.1"))
        }
    }

    @Test("The backend sees who asked, and no field that concerns one connection")
    func forwarding() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let reply = try martlet.request(
            "/",
            fields: """
                X-Forwarded-For: 6.6.6.6\r
                X-Forwarded-Proto: http\r
                Connection: keep-alive, X-Private\r
                X-Private: secret\r
                Keep-Alive: timeout=5\r
                Proxy-Connection: keep-alive\r
                TE: trailers\r
                X-Public: yes\r

                """)
        #expect(reply.status == 200)
        let body = reply.body.lowercased()
        #expect(body.contains("x-forwarded-for: 127.0.0.1\r\n"))
        #expect(body.contains("x-forwarded-proto: https\r\n"))
        #expect(body.contains("x-forwarded-host: localhost\r\n"))
        #expect(body.contains("x-public: yes\r\n"))
        for gone in ["6.6.6.6", "x-private", "keep-alive:", "proxy-connection"] {
            #expect(!body.contains(gone), "\(gone)")
        }
    }

    @Test("Requests on one connection are answered in order, also when they come at once")
    func pipelining() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        let count = 50
        let requests = (0..<count).map { number in
            number % 3 == 0
                ? "POST /\(number) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody"
                : "GET /\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n"
        }
        try peer.send(requests.joined())
        for number in 0..<count {
            let reply = try peer.reply()
            #expect(reply.status == 200)
            #expect(reply.body.contains(" /\(number) HTTP/1.1"))
        }
        #expect(origin.connectionCount <= 2)
    }

    @Test("A request that comes byte by byte is a request")
    func byteByByte() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        let request =
            "POST /slow HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\nabc\r\n0\r\n\r\n"
        for byte in request.utf8 { try peer.send([byte]) }
        let reply = try peer.reply()
        #expect(reply.status == 200)
        // What comes apart may be passed on apart: sizes and pieces take turns behind the head.
        let lines = reply.body.split(separator: "\r\n", omittingEmptySubsequences: false)
        let body = lines.drop { !$0.isEmpty }.dropFirst()
        let pieces = body.enumerated().filter { $0.offset % 2 == 1 }.map { $0.element }
        #expect(pieces.joined() == "abc")
        #expect(reply.body.hasSuffix("\r\n0\r\n\r\n"))
    }

    @Test(
        "A response of any framing reaches the client whole",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
            "HTTP/1.0 200 OK\r\n\r\nhello",
        ])
    func framings(response: String) throws {
        let origin = try Origin { connection in
            while connection.readHead() != nil {
                connection.send(response)
                if !response.contains("Content-Length"), !response.contains("chunked") {
                    connection.finish()
                    return
                }
            }
        }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        for _ in 0..<3 {
            try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let reply = try peer.reply()
            #expect(reply.status == 200)
            #expect(reply.body == "hello")
        }
    }

    @Test(
        "HEAD, 204 and 304 have no body, and the connection goes on",
        arguments: ["HEAD 200", "GET 204", "GET 304"])
    func withoutBody(kind: String) throws {
        let parts = kind.split(separator: " ").map(String.init)
        let origin = try Origin { connection in
            while connection.readHead() != nil {
                connection.send(
                    "HTTP/1.1 \(parts[1]) X\r\n"
                        + "\(parts[1] == "204" ? "" : "Content-Length: 5\r\n")\r\n"
                )
            }
        }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        for _ in 0..<3 {
            try peer.send("\(parts[0]) / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let reply = try peer.reply(to: parts[0])
            #expect(reply.status == Int(parts[1]))
        }
        #expect(!peer.hasInput(within: .milliseconds(20)))
        #expect(origin.connectionCount == 1)
    }

    @Test("Interim responses and trailers pass")
    func interimAndTrailers() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n")
            connection.send(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n")
            connection.send("3\r\nabc\r\n0\r\nX-Sum: 42\r\n\r\n")
        }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\nTE: trailers\r\n\r\n")
        let early = try peer.reply()
        #expect(early.status == 103)
        #expect(early.field("link") == "</a.css>")
        let reply = try peer.reply()
        #expect(reply.body == "abc")
        #expect(reply.trailers == ["X-Sum: 42"])
    }

    @Test("A client that expects 100 Continue gets it from the backend, and its body passes")
    func continues() throws {
        let origin = try Origin { connection in
            guard let head = connection.readHead(), head.contains("100-continue") else { return }
            connection.send("HTTP/1.1 100 Continue\r\n\r\n")
            let body = connection.read(4)
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n\(body)")
        }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        try peer.send(
            "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        )
        #expect(try peer.reply().status == 100)
        try peer.send("data")
        let reply = try peer.reply()
        #expect(reply.status == 200)
        #expect(reply.body == "data")
    }

    @Test("A backend may refuse a body before it is sent")
    func refusesBody() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
            _ = connection.readToEnd()
        }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        try peer.send(
            "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
        )
        let reply = try peer.reply()
        #expect(reply.status == 403)
        #expect(reply.field("connection") == "close")
        _ = try peer.receiveAll()
        #expect(peer.isCleanlyClosed)
    }

    @Test("The connection to the backend is used again")
    func upstreamKeepAlive() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "workers: 1")
        for _ in 0..<10 { #expect(try martlet.request("/").status == 200) }
        #expect(origin.connectionCount == 1)
    }

    @Test("Each route leads to its backend; the longest path wins")
    func routes() throws {
        let (shop, api, deep) = (
            try Origin { $0.echo() }, try Origin { $0.echo() }, try Origin { $0.echo() }
        )
        let martlet = try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    certificates: [{ chain: "cert.pem", key: "cert.key" }]
                    routes:
                      - { path: "/", backend: "http://\(shop.address)" }
                      - { path: "/api/", backend: api }
                      - { path: "/api/deep/", backend: deep }
                """,
            more: """
                backends:
                  api: { servers: ["\(api.address)"] }
                  deep: { servers: ["\(deep.address)"] }
                """)
        for path in ["/", "/apix", "/api/x", "/api/deep/x?y", "/other/api/"] {
            #expect(try martlet.request(path).status == 200)
        }
        #expect(shop.heads.count == 3)
        #expect(api.heads.count == 1)
        #expect(deep.heads.count == 1)
    }

    @Test("close_notify comes before the end of the connection")
    func closeNotify() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        try peer.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        #expect(try peer.reply().field("connection") == "close")
        _ = try peer.receiveAll()
        #expect(peer.isCleanlyClosed)
        let other = try martlet.connect()
        try other.finish()
        _ = try other.receiveAll()
        #expect(other.isCleanlyClosed)
    }

    @Test("HTTP/1.0 without keep-alive is answered and closed")
    func http10() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        try peer.send("GET /old HTTP/1.0\r\nHost: localhost\r\n\r\n")
        let text = try peer.receiveAll()
        #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(text.contains("GET /old HTTP/1.1"))
        #expect(peer.isCleanlyClosed)
    }

    @Test("A body that ends where the buffer is full is known to have ended")
    func bodyFillsBuffer() throws {
        let origin = try Origin { connection in
            guard let head = connection.readHead(),
                let length = head.firstMatch(of: /Content-Length: (\d+)/), let count = Int(length.1)
            else { return }
            let body = connection.read(count)
            // Each request meets a connection that is not open yet, so that its body waits.
            connection.send(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n"
                    + (body.utf8.count == count ? "whole" : "parts"))
            connection.finish()
        }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address),
            listeners: "  - { address: \"127.0.0.1:0\", tls: false }\n", more: "workers: 1")
        let peer = try Peer(martlet.address)
        for size in stride(from: 65_000, to: 84_000, by: 250) {
            try peer.send(
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(size)\r\n\r\n"
                    + String(repeating: "x", count: size))
            let reply = try peer.reply()
            #expect(reply.body == "whole", "\(size)")
            #expect(reply.field("connection") == nil, "\(size)")
        }
    }
}
