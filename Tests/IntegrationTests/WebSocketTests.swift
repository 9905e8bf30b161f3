import Foundation
import TLS
import TestSupport
import Testing

/// WebSocket over HTTP/2 (RFC 8441): scenarios of `Scripts/websocket.py`.
@Suite struct WebSocketTests {
    private let ended = DispatchSemaphore(value: 0)

    /// A backend that switches, or does not, by the path.
    private func origin() throws -> Origin {
        try Origin { [ended] connection in
            while let head = connection.readHead() {
                let path = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
                if let answer = WebSocketTests.answers[path] {
                    connection.send("HTTP/1.1 \(answer)")
                    continue
                }
                let accept = WebSocketTests.accept(head)
                connection.send(WebSocketTests.switching(path, accept))
                WebSocketTests.talk(path, head, connection)
                ended.signal()
                return
            }
        }
    }

    private static func talk(_ path: String, _ head: String, _ connection: OriginConnection) {
        switch path {
        case "/half":
            let count = connection.readToEnd()
            connection.send("got \(count)")
        case "/first":
            connection.send("bye")
            connection.finish()
            guard connection.readToEnd() == 300_000 else { return }
        case "/keys": connection.send(head)
        case "/broken":
            connection.send("half a frame")
            connection.resetAtEnd()
            return
        case "/hold": _ = connection.readToEnd()
        default: break
        }
        connection.finish()
    }

    private static func switching(_ path: String, _ accept: String) -> String {
        var lines = [
            "HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: websocket",
        ]
        switch path {
        case "/wrong": lines.append("Sec-WebSocket-Accept: \(accept.lowercased())")
        case "/none": break
        case "/twice": lines += Array(repeating: "Sec-WebSocket-Accept: \(accept)", count: 2)
        case "/other": lines[2] = "Upgrade: other"
        default: lines.append("sec-websocket-accept: \(accept)")
        }
        return lines.joined(separator: "\r\n") + "\r\n\r\n"
    }

    private static func accept(_ head: String) -> String {
        let line = head.split(separator: "\r\n").first {
            $0.lowercased().hasPrefix("sec-websocket-key: ")
        }
        let text = (line?.dropFirst(19) ?? "") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        return String(decoding: Base64.encode(Digest.sha1(Array(text.utf8))), as: UTF8.self)
    }

    private static let answers = [
        "/page": "200 OK\r\nContent-Length: 2\r\n\r\nok",
        "/success": "200 OK\r\nContent-Length: 2\r\n\r\nok",
        "/deny": "403 Forbidden\r\nContent-Length: 6\r\n\r\ndenied",
        "/moved": "301 Moved\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
    ]

    private func start(_ timeouts: String = "") throws -> MartletInstance {
        let origin = try origin()
        return try MartletInstance(
            sites: MartletInstance.site(origin.address),
            more: "workers: 1\ntimeouts: { \(timeouts) }", keeping: origin)
    }

    @Test(
        "Messages of any size, ping, close, subprotocol and extension pass to a real server",
        arguments: ["server", "many"])
    func server(scenario: String) throws {
        let server = try RunningProcess(
            "/usr/bin/python3", ["-B", "-u", "\(Script.folder)/websocket_server.py"])
        let line = try server.output.wait(for: "port ")
        let port = try #require(line.split(separator: " ").last)
        let martlet = try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    certificates: [{ chain: "cert.pem", key: "cert.key" }]
                    backend: "http://127.0.0.1:\(port)"
                """)
        try Script.run("websocket", scenario, martlet)
        #expect(
            try martlet.metric(
                #"martlet_http_requests_total{site="localhost",protocol="HTTP/2","#
                    + #"method="CONNECT",code="200"}"#) == (scenario == "server" ? 1 : 20))
    }

    @Test(
        "A tunnel begins and ends as its two ends say",
        arguments: [
            "half_close", "server_first", "at_once", "own_key", "refused", "other_protocol",
            "broken",
        ])
    func scenario(name: String) throws {
        try Script.run("websocket", name, start())
    }

    @Test("A tunnel that the client cancels ends at the backend, too")
    func cancelled() throws {
        let martlet = try start()
        try Script.run("websocket", "cancel", martlet)
        #expect(ended.wait(timeout: .now() + 60) == .success)
    }

    @Test("tunnel_idle ends a tunnel on which nobody speaks")
    func idle() throws {
        let martlet = try start("tunnel_idle: 1s, request_body: 250ms")
        try Script.run("websocket", "idle", martlet)
        #expect(ended.wait(timeout: .now() + 60) == .success)
    }

    @Test("A tunnel that ends while the instance drains has lost nothing")
    func drain() throws {
        let martlet = try start()
        let client = try Script.start("websocket", "drain", martlet, martlet.folder.path("go"))
        try client.output.wait(for: "waiting", atMost: 60)
        martlet.process.signal(SIGTERM)
        try client.output.wait(for: "said", atMost: 60)
        _ = try martlet.folder.write("", to: "go")
        try Script.finish(client)
        #expect(try martlet.process.wait(atMost: 60) == 0)
        #expect(martlet.process.errors.text.contains("server.stopped aborted=0"))
    }

    @Test("A tunnel that does not end is cut off by the end of the drain")
    func drained() throws {
        let martlet = try start("drain: 2s")
        let client = try Script.start("websocket", "drained", martlet)
        try client.output.wait(for: "waiting", atMost: 60)
        #expect(try martlet.stop() == 0)
        try Script.finish(client)
    }
}
