import Foundation
import TestSupport
import Testing

/// How HTTP/2 connections end (RFC 9113 §6.8): scenarios of `Scripts/goodbye.py`.
@Suite struct GoodbyeTests {
    private let gate = DispatchSemaphore(value: 0)

    private func start(
        _ more: String = "", listeners: String = MartletInstance.tlsListener
    ) throws -> MartletInstance {
        let origin = try Origin { [gate] connection in
            while let head = connection.readHead() {
                if head.contains("/gated") {
                    gate.wait()
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nlate")
                } else {
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
                }
            }
        }
        return try MartletInstance(
            sites: MartletInstance.site(origin.address), listeners: listeners,
            more: "workers: 1\n\(more)", keeping: origin)
    }

    @Test("SIGTERM: a first GOAWAY, requests between, the last one, and the end of what is open")
    func drain() throws {
        let martlet = try start()
        let go = martlet.folder.path("go")
        let client = try Script.start("goodbye", "drain", martlet, go)
        try client.output.wait(for: "waiting", atMost: 60)
        martlet.process.signal(SIGTERM)
        try client.output.wait(for: "said", atMost: 60)
        _ = try martlet.folder.write("", to: "go")
        gate.signal()
        try Script.finish(client)
        #expect(try martlet.process.wait(atMost: 60) == 0)
        #expect(martlet.process.errors.text.contains("server.stopped aborted=0"))
    }

    @Test("An idle connection hears both words, too")
    func idle() throws {
        let martlet = try start()
        let client = try Script.start("goodbye", "idle", martlet)
        try client.output.wait(for: "waiting", atMost: 60)
        #expect(try martlet.stop() == 0)
        try Script.finish(client)
        #expect(martlet.process.errors.text.contains("server.stopped aborted=0"))
    }

    @Test("A connection whose handshake ends after SIGTERM is told, and serves a request")
    func lateHandshake() throws {
        let martlet = try start()
        let client = try Script.start(
            "goodbye", "late_handshake", martlet, martlet.folder.path("go"))
        try client.output.wait(for: "waiting", atMost: 60)
        martlet.process.signal(SIGTERM)
        try martlet.process.errors.wait(for: "server.draining")
        _ = try martlet.folder.write("", to: "go")
        try Script.finish(client)
        #expect(try martlet.process.wait(atMost: 60) == 0)
        #expect(martlet.process.errors.text.contains("server.stopped aborted=0"))
    }

    @Test("A reload that removes a listener says goodbye to its clients, and to no others")
    func removed() throws {
        let martlet = try start(
            listeners: "  - address: \"127.0.0.1:0\"\n  - address: \"127.0.0.2:0\"\n")
        let other = try Script.start("goodbye", "idle", martlet)
        try other.output.wait(for: "waiting", atMost: 60)
        let client = try Script.start("goodbye", "removed", martlet)
        try client.output.wait(for: "waiting", atMost: 60)
        let file = martlet.folder.path("martlet.yaml")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        _ = try martlet.folder.write(
            text.replacingOccurrences(of: "  - address: \"127.0.0.1:0\"\n", with: ""),
            to: "martlet.yaml")
        try martlet.reload()
        try client.output.wait(for: "said", atMost: 60)
        gate.signal()
        try Script.finish(client)
        try Script.finish(other)
        #expect(try martlet.stop() == 0)
    }

    @Test("The end of keep-alive is a GOAWAY")
    func keepAlive() throws {
        try Script.run("goodbye", "keep_alive", start("timeouts: { keep_alive: 1s }"))
    }

    @Test(
        "The end of requests_per_connection loses no request",
        arguments: ["requests_per_connection", "burst"])
    func requests(scenario: String) throws {
        try Script.run("goodbye", scenario, start("limits: { requests_per_connection: 10 }"))
    }

    @Test("A client that never acknowledges our SETTINGS is told so (RFC 9113 §6.5.3)")
    func settingsTimeout() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "timeouts: { request_head: 1s }")
        let client = try StreamPeer(martlet, acknowledges: false)
        try client.drain()
        #expect(client.goAway == 4)
        let series = "martlet_http2_connection_errors_total"
        #expect(
            try martlet.metric(
                "\(series){listener=\"127.0.0.1:0\",code=\"settings_timeout\"}") == 1)
    }
}
