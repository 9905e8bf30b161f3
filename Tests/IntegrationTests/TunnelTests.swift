import TestSupport
import Testing

/// Upgraded connections.
@Suite struct TunnelTests {
    @Test("WebSocket messages of any size come back, through a real server and a real client")
    func webSocket() throws {
        let server = try RunningProcess("/usr/bin/python3", ["-u", "-c", TunnelTests.server])
        let line = try server.output.wait(for: "port ")
        let port = try #require(line.split(separator: " ").last)
        let martlet = try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    certificates: [{ chain: "cert.pem", key: "cert.key" }]
                    backend: "http://127.0.0.1:\(port)"
                """)
        let client = try RunningProcess.run(
            "/usr/bin/python3",
            [
                "-u", "-c", TunnelTests.client, "wss://localhost:\(martlet.port)/chat",
                martlet.folder.path("ca.pem"),
            ])
        #expect(client.code == 0, "\(client.errors)")
        #expect(client.output == "echoed 5 closed 1000")
    }

    @Test("The end of one direction leaves the other open")
    func halfClose() throws {
        let origin = try Origin { connection in
            _ = connection.readHead()
            connection.send(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: test\r\n\r\n")
            let count = connection.readToEnd()
            connection.send("got \(count)")
            connection.finish()
        }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        try peer.send(
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: test\r\n\r\n")
        #expect(try peer.reply().status == 101)
        for _ in 0..<10 { try peer.send([UInt8](repeating: 1, count: 50_000)) }
        try peer.finish()
        #expect(try peer.receiveAll() == "got 500000")
        #expect(peer.isCleanlyClosed)
    }

    @Test("An upgrade that the backend declines is an ordinary response; h2c is never offered")
    func declined() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let peer = try martlet.connect()
        try peer.send(
            "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\nUpgrade: test\r\n\r\n")
        #expect(try peer.reply().body.contains("Upgrade: test"))
        try peer.send(
            "GET / HTTP/1.1\r\nHost: localhost\r\n"
                + "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\n"
                + "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n")
        let reply = try peer.reply()
        #expect(reply.status == 200)
        #expect(!reply.body.lowercased().contains("upgrade"))
        #expect(!reply.body.lowercased().contains("http2-settings"))
    }

    private static let server = """
        import asyncio, websockets
        async def echo(socket, path=None):
            async for message in socket:
                await socket.send(message)
        async def main():
            server = await websockets.serve(echo, "127.0.0.1", 0, max_size=None)
            print("port", server.sockets[0].getsockname()[1])
            await asyncio.Future()
        asyncio.run(main())
        """

    private static let client = """
        import asyncio, ssl, sys, websockets
        async def main():
            context = ssl.create_default_context(cafile=sys.argv[2])
            count = 0
            async with websockets.connect(sys.argv[1], ssl=context, max_size=None) as socket:
                for size in [0, 1, 125, 70000, 3000000]:
                    await socket.send(b"x" * size)
                    if await socket.recv() == b"x" * size: count += 1
                await socket.close()
                print("echoed", count, "closed", socket.close_code)
        asyncio.run(main())
        """
}
