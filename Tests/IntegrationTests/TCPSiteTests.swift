import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// Sites whose bytes are passed on behind the end of TLS.
@Suite struct TCPSiteTests {
    @Test("A server that speaks first is heard at once, and bytes go both ways")
    func speaksFirst() throws {
        let (martlet, _) = try TCPFixture.start { connection in
            connection.send("220 ready\r\n")
            let line = connection.read(until: "\r\n")
            connection.send("250 \(line)")
            _ = connection.readToEnd()
        }
        let peer = try martlet.connect()
        #expect(try TCPFixture.read(11, from: peer) == "220 ready\r\n")
        try peer.send("EHLO me\r\n")
        #expect(try TCPFixture.read(13, from: peer) == "250 EHLO me\r\n")
        try peer.finish()
        #expect(try peer.receiveAll() == "")
        #expect(peer.isCleanlyClosed)
        let line = try TCPFixture.line(martlet)
        for fact in [
            "\"site\":\"localhost\"", "\"host\":\"localhost\"", "\"protocol\":\"TCP\"",
            "\"bytes_in\":9,\"bytes_out\":24", "\"tls_version\":\"TLSv1.3\"",
            "\"server\":\"127.0.0.1:",
            "\"ended_by\":\"client\"",
        ] { #expect(line.contains(fact), "\(fact): \(line)") }
        try TCPFixture.wait(martlet, "completed")
        let bytes = "martlet_tcp_bytes_total{site=\"localhost\",direction="
        #expect(try martlet.metric("\(bytes)\"in\"}") == 9)
        #expect(try martlet.metric("\(bytes)\"out\"}") == 24)
    }

    @Test("The client's end leaves the server's direction open")
    func clientEndsFirst() throws {
        let (martlet, _) = try TCPFixture.start { connection in
            let (text, isInOrder) = connection.readAll()
            connection.send("\(text.utf8.count) \(isInOrder)")
        }
        let peer = try martlet.connect()
        for _ in 0..<10 { try peer.send([UInt8](repeating: 1, count: 50_000)) }
        try peer.finish()
        #expect(try peer.receiveAll() == "500000 true")
        #expect(peer.isCleanlyClosed)
    }

    @Test("The server's end leaves the client's direction open")
    func serverEndsFirst() throws {
        let finding = Finding<String>()
        let (martlet, _) = try TCPFixture.start { connection in
            connection.send("bye")
            connection.finish()
            let (text, isInOrder) = connection.readAll()
            finding.set("\(text) \(isInOrder)")
        }
        let peer = try martlet.connect()
        #expect(try peer.receiveAll() == "bye")
        #expect(peer.isCleanlyClosed)
        try peer.send("still here")
        try peer.finish()
        #expect(try finding.get() == "still here true")
        #expect(try TCPFixture.line(martlet).contains("\"ended_by\":\"server\""))
    }

    @Test(
        "What breaks off at one end is a reset at the other, never an end in good order",
        arguments: ["truncated", "reset", "server"])
    func breaks(_ how: String) throws {
        let finding = Finding<Bool>()
        let (martlet, _) = try TCPFixture.start { connection in
            connection.send("x")
            if how == "server" {
                _ = connection.read(1)
                connection.send("half an ans")
                connection.resetAtEnd()
                return
            }
            finding.set(connection.readAll().isInOrder)
        }
        var peer: Peer? = try martlet.connect()
        #expect(try peer.map { try TCPFixture.read(1, from: $0) } == "x")
        try peer?.send("y")
        if how == "truncated" { peer?.breakOff() }
        if how == "reset" {
            peer?.resetAtEnd()
            peer = nil
        }
        if how == "server" {
            _ = try? peer?.receiveAll()
            #expect(peer?.isCleanlyClosed == false)
            try TCPFixture.wait(martlet, "server_reset")
        } else {
            #expect(try finding.get() == false)
            try TCPFixture.wait(martlet, "client_reset")
        }
    }

    @Test("A server that closes for good behind its answer does not spoil it")
    func serverLeaves() throws {
        let (martlet, _) = try TCPFixture.start { connection in
            _ = connection.read(4)
            connection.send([UInt8](repeating: 7, count: 1_000_000))
        }
        let peer = try martlet.connect()
        try peer.send("quit")
        #expect(try peer.receiveAll().utf8.count == 1_000_000)
        #expect(peer.isCleanlyClosed)
        // The server's socket is gone: what comes now is answered by a reset.
        for _ in 0..<3 { try? peer.send("more") }
        try? peer.finish()
        try TCPFixture.wait(martlet, "completed")
    }

    @Test("What the client sends before the server has taken the connection is not lost")
    func early() throws {
        let (martlet, _) = try TCPFixture.start { connection in
            let (text, _) = connection.readAll()
            connection.send(text)
        }
        let peer = try martlet.connect()
        try peer.send("at once")
        try peer.finish()
        #expect(try peer.receiveAll() == "at once")
    }

    @Test("Where one server refuses, the next one is taken; where all do, the client is reset")
    func refused() throws {
        let origin = try Origin { $0.send("here") }
        let port = try SocketAddress.vacantPort()
        let martlet = try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    protocol: tcp
                    certificates: [{ chain: "cert.pem", key: "cert.key" }]
                    backend: some
                """,
            more: "backends: { some: { servers: [\"127.0.0.1:\(port)\", \"\(origin.address)\"] } }",
            keeping: origin)
        for _ in 0..<4 { #expect(try martlet.connect().receiveAll() == "here") }
    }

    @Test("A backend without a server that listens resets the client")
    func unavailable() throws {
        let port = try SocketAddress.vacantPort()
        let martlet = try MartletInstance(
            sites: TCPFixture.site(.ipv4(0x7f00_0001, port: port)))
        let peer = try martlet.connect()
        _ = try? peer.receiveAll()
        #expect(!peer.isCleanlyClosed)
        try TCPFixture.wait(martlet, "connect_failed")
    }

    @Test("A silent connection is cut after `tcp_idle`, and one that is not goes on")
    func idle() throws {
        let (martlet, _) = try TCPFixture.start(more: "timeouts: { tcp_idle: 600ms }") {
            connection in
            while let bytes = connection.readSome() { connection.send(bytes) }
        }
        let peer = try martlet.connect()
        for _ in 0..<4 {
            try peer.send("ping")
            #expect(try TCPFixture.read(4, from: peer) == "ping")
            _ = Poll.wait([], timeout: .milliseconds(200))
        }
        _ = try? peer.receiveAll()
        #expect(!peer.isCleanlyClosed)
        try TCPFixture.wait(martlet, "idle")
        #expect(try TCPFixture.line(martlet).contains("\"ended_by\":\"proxy\""))
    }

    @Test("A drain lets connections go on, until they end or time is up", arguments: [true, false])
    func drains(ends: Bool) throws {
        let (martlet, _) = try TCPFixture.start(
            more: "timeouts: { drain: \(ends ? "60s" : "500ms") }"
        ) { connection in
            while let bytes = connection.readSome() { connection.send(bytes) }
        }
        let peer = try martlet.connect()
        try peer.send("ping")
        #expect(try TCPFixture.read(4, from: peer) == "ping")
        martlet.process.signal(SIGTERM)
        if ends {
            try martlet.process.errors.wait(for: "server.draining")
            try peer.send("pong")
            #expect(try TCPFixture.read(4, from: peer) == "pong")
            try peer.finish()
            #expect(try peer.receiveAll() == "")
        } else {
            _ = try? peer.receiveAll()
        }
        #expect(peer.isCleanlyClosed == ends)
        #expect(try martlet.process.wait() == 0)
        #expect(martlet.process.errors.text.contains("aborted=\(ends ? 0 : 1)"))
    }

    @Test("A reload leaves connections where they are, and sends new ones elsewhere")
    func reload() throws {
        let (martlet, _) = try TCPFixture.start { connection in
            while let bytes = connection.readSome() { connection.send(bytes) }
        }
        let other = try Origin { $0.send("other") }
        let peer = try martlet.connect()
        try peer.send("ping")
        #expect(try TCPFixture.read(4, from: peer) == "ping")
        try martlet.folder.write(
            MartletInstance.text(
                sites: MartletInstance.site(other.address) + "\n"
                    + TCPFixture.site(other.address, more: "    alpn: [other]\n")),
            to: "martlet.yaml")
        try martlet.reload()
        try peer.send("pong")
        #expect(try TCPFixture.read(4, from: peer) == "pong")
        #expect(try martlet.connect(alpn: ["other"]).receiveAll() == "other")
    }

    @Test("100 MiB each way arrive as they were sent, in little memory")
    func large() throws {
        let count = 100 << 20
        let server = try RunningProcess("/usr/bin/python3", ["-u", "-c", TCPSiteTests.script])
        let line = try server.output.wait(for: "port ")
        let port = try #require(line.split(separator: " ").last.flatMap { UInt16($0) })
        let martlet = try MartletInstance(
            sites: TCPFixture.site(.ipv4(0x7f00_0001, port: port)))
        let before = try martlet.process.memory().now
        let client = try RunningProcess.run(
            "/usr/bin/python3",
            [
                "-u", "-c", TCPSiteTests.client, "\(martlet.port)", martlet.folder.path("ca.pem"),
                "\(count)",
            ], atMost: 200)
        #expect(client.code == 0, "\(client.errors)")
        #expect(client.output.contains("same"))
        #expect(try martlet.process.memory().peak < before + 8 << 20)
    }

    /// Reads to the end while it sends back what came, turned over.
    private static let script = """
        import socket
        listener = socket.create_server(("127.0.0.1", 0))
        print("port", listener.getsockname()[1])
        table = bytes(255 - value for value in range(256))
        while True:
            connection, _ = listener.accept()
            while piece := connection.recv(262144): connection.sendall(piece.translate(table))
            connection.shutdown(socket.SHUT_WR)
            connection.close()
        """

    private static let client = """
        import hashlib, os, socket, ssl, sys, threading
        port, ca, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
        context = ssl.create_default_context(cafile=ca)
        raw = socket.create_connection(("127.0.0.1", port))
        inbound, outbound = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(inbound, outbound, server_hostname="localhost")
        def step(call):
            while True:
                try: result = call()
                except ssl.SSLWantReadError: result = None
                raw.sendall(outbound.read())
                if result is not None: return result
                inbound.write(raw.recv(262144))
        step(lambda: tls.do_handshake() or True)
        table = bytes(255 - value for value in range(256))
        sent, got = hashlib.sha256(), hashlib.sha256()
        lock, block, received = threading.Lock(), os.urandom(1 << 20), 0
        def send():
            for index in range(count >> 20):
                sent.update(block.translate(table))
                with lock:
                    tls.write(block)
                    piece = outbound.read()
                raw.sendall(piece)
        sender = threading.Thread(target=send)
        sender.start()
        while received < count:
            wire = raw.recv(262144)
            if not wire: sys.exit("ended after %d" % received)
            with lock:
                inbound.write(wire)
                while True:
                    try: piece = tls.read(262144)
                    except ssl.SSLWantReadError: break
                    got.update(piece)
                    received += len(piece)
        sender.join()
        print("same" if sent.digest() == got.digest() else "different")
        """

    /// It offered `http/1.1`, as for the requests, so that a server that knows no HTTP hung up.
    @Test(
        "Bytes come to a server without a protocol's name, though requests come there as well",
        arguments: ["1.2", "1.3"])
    func noProtocol(version: String) throws {
        let authority = try TestAuthority()
        let origin = try TLSOrigin(authority.issue("origin.test"), alpn: ["http/1.1", "mqtt"]) {
            connection in
            while let head = connection.readHead() {
                let facts = head.prefix(4) + " " + connection.facts
                connection.send(
                    "HTTP/1.1 200 OK\r\nContent-Length: \(facts.utf8.count)\r\n\r\n\(facts)")
            }
        }
        let martlet = try MartletInstance(
            sites: """
                  - hosts: [localhost]
                    certificates: [{ chain: cert.pem, key: cert.key }]
                    backend: both
                  - hosts: [localhost]
                    protocol: tcp
                    alpn: [mqtt]
                    certificates: [{ chain: cert.pem, key: cert.key }]
                    backend: both
                """,
            more: """
                workers: 1
                backends:
                  both:
                    servers: "\(origin.address)"
                    tls: { ca: a.pem, server_name: origin.test, versions: ["TLSv\(version)"] }
                """
        ) { folder, _ in
            try folder.write(
                String(decoding: authority.pair.certificate, as: UTF8.self), to: "a.pem")
        }
        func facts(_ method: String, _ peer: Peer) throws -> String {
            try peer.send("\(method) / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return try peer.reply().body
        }
        for round in 0..<2 {
            let request = try facts("GET", martlet.connect())
            #expect(request.hasPrefix("GET  name=origin.test resumed=false alpn=http/1.1"))
            // The session of the requests is none for bytes, but one of bytes is.
            let bytes = try martlet.connect(alpn: ["mqtt"])
            let heard = try facts("PUT", bytes)
            let expected = "PUT  name=origin.test resumed=\(round > 0) alpn=- "
            #expect(heard.hasPrefix(expected), "\(heard)")
            try bytes.finish()
            _ = try bytes.receiveAll()
        }
        #expect(origin.connectionCount == 3)
    }
}
