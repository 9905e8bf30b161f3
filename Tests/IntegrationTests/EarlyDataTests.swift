import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// Early data of `openssl s_client`.
@Suite struct EarlyDataTests {
    private let folder: TemporaryFolder
    private let origin: Origin

    init() throws {
        folder = try TemporaryFolder()
        origin = try Origin { connection in
            while let head = connection.readHead() {
                let isTooEarly = head.contains("Early-Data: 1") && head.contains("/strict")
                if head.hasPrefix("POST") { _ = connection.read(2) }
                connection.send(
                    isTooEarly
                        ? "HTTP/1.1 425 Too Early\r\nContent-Length: 5\r\n\r\nlater"
                        : "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine")
            }
        }
    }

    private func start(_ tls: String = "early_data: on", workers: Int = 1) throws -> MartletInstance
    {
        try MartletInstance(
            sites: MartletInstance.site(origin.address),
            more: "workers: \(workers)\ntls: { \(tls) }")
    }

    private func request(_ method: String, _ path: String, body: String = "") -> String {
        "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            + (body.isEmpty ? "" : "Content-Length: \(body.utf8.count)\r\n") + "\r\n" + body
    }

    /// The heads of requests for a path that came to the backend.
    private func heads(_ path: String) -> [String] {
        origin.heads.filter { $0.contains(" \(path) ") }
    }

    private func waitForHead(_ path: String) throws {
        let deadline = Date().addingTimeInterval(20)
        while heads(path).isEmpty {
            guard Date() < deadline else { throw TestFailure("no request for \(path) came") }
            _ = Poll.wait([], timeout: .milliseconds(5))
        }
    }

    /// Keeps a session of a usual connection in a file.
    private func keepSession(_ martlet: MartletInstance, in file: String) throws {
        let result = try RunningProcess.run(
            "openssl",
            arguments(martlet.address) + ["-sess_out", folder.path(file)],
            input: request("GET", "/first"))
        #expect(result.output.contains("fine"), "\(result)")
    }

    /// Begins a connection from a kept session, with a request as early data.
    private func begin(_ address: SocketAddress, _ request: String, from file: String) throws
        -> RunningProcess
    {
        let path = try folder.write(request, to: "request")
        return try RunningProcess(
            "openssl",
            arguments(address) + ["-sess_in", folder.path(file), "-early_data", path], input: "")
    }

    private func arguments(_ address: SocketAddress) -> [String] {
        [
            "s_client", "-connect", "\(address)", "-servername", "localhost", "-tls1_3",
            "-ign_eof",
        ]
    }

    /// Waits for the end of a client, and returns what it printed.
    private func finish(_ client: RunningProcess) throws -> String {
        _ = try client.wait(atMost: 60)
        return client.output.text + client.errors.text
    }

    @Test("GET goes on at once with Early-Data: 1, and is counted")
    func get() throws {
        let martlet = try start()
        try keepSession(martlet, in: "session")
        let relay = try Relay(to: martlet.address)
        let client = try begin(relay.address, request("GET", "/early"), from: "session")
        // The client has had no answer yet, so that it cannot have ended the handshake.
        try waitForHead("/early")
        #expect(heads("/early")[0].contains("\r\nEarly-Data: 1\r\n"))
        relay.release()
        let text = try finish(client)
        #expect(text.contains("Early data was accepted") && text.contains("fine"), "\(text)")
        #expect(try earlyHandshakes(martlet) == 1)
        #expect(try offers(martlet) == [1, 0, 0])
    }

    /// How many offers of early data were accepted, replayed and refused.
    private func offers(_ martlet: MartletInstance) throws -> [Double] {
        try ["accepted", "replayed", "refused"].map {
            try martlet.metric(
                "martlet_tls_early_data_total{listener=\"127.0.0.1:0\",result=\"\($0)\"}")
        }
    }

    private func earlyHandshakes(_ martlet: MartletInstance) throws -> Int {
        let lines = try martlet.ask("/metrics").body.split(separator: "\n")
        let line = lines.first {
            $0.hasPrefix("martlet_tls_handshakes_total") && $0.contains("\"early_data\"")
        }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) } ?? 0
    }

    @Test("POST waits for the end of the handshake, and then is a usual request")
    func post() throws {
        let martlet = try start()
        try keepSession(martlet, in: "session")
        let relay = try Relay(to: martlet.address)
        let client = try begin(
            relay.address, request("POST", "/early", body: "ab"), from: "session")
        _ = try relay.firstFlight()
        for _ in 0..<3 { #expect(try martlet.request("/other").status == 200) }
        #expect(heads("/early").isEmpty)
        relay.release()
        let text = try finish(client)
        #expect(text.contains("Early data was accepted") && text.contains("fine"), "\(text)")
        #expect(heads("/early").count == 1)
        #expect(!heads("/early").contains { $0.contains("Early-Data") })
    }

    @Test("425 of the backend is passed on")
    func tooEarly() throws {
        let martlet = try start()
        try keepSession(martlet, in: "session")
        let relay = try Relay(to: martlet.address)
        let client = try begin(relay.address, request("GET", "/strict"), from: "session")
        try waitForHead("/strict")
        relay.release()
        let text = try finish(client)
        #expect(text.contains("HTTP/1.1 425 Too Early") && text.contains("later"), "\(text)")
        #expect(try martlet.request("/strict").status == 200)
    }

    @Test("A recorded flight reaches the backend once, whatever worker gets it, over reloads too")
    func replay() throws {
        let martlet = try start(workers: 2)
        try keepSession(martlet, in: "session")
        let relay = try Relay(to: martlet.address)
        let client = try begin(relay.address, request("GET", "/early"), from: "session")
        try waitForHead("/early")
        let flight = try relay.firstFlight()
        try replay(flight, 16, to: martlet)
        try martlet.reload()
        try replay(flight, 16, to: martlet)
        relay.release()
        #expect(try finish(client).contains("Early data was accepted"))
        // The same session again: it resumes, without early data.
        let again = try finish(begin(martlet.address, request("GET", "/early"), from: "session"))
        #expect(again.contains("Early data was rejected") && again.contains("Reused"), "\(again)")
        #expect(heads("/early").count == 1)
        #expect(try earlyHandshakes(martlet) == 1)
        #expect(try offers(martlet) == [1, 33, 0])
    }

    /// Sends recorded bytes on so many connections, and waits for the answer to each.
    private func replay(_ flight: [UInt8], _ count: Int, to martlet: MartletInstance) throws {
        for _ in 0..<count {
            let peer = try Peer(martlet.address)
            try peer.sendRaw(flight.span)
            // The server's part of the handshake: it has looked at all of it.
            #expect(try peer.receive())
            #expect(peer.receivedCount > 0)
        }
    }

    @Test("A ticket of a former run, or of another host with the same keys, brings no early data")
    func restart() throws {
        let keys = Data(String(repeating: "K", count: 80).utf8).base64EncodedString() + "\n"
        let path = try folder.write(keys, to: "keys")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let tls = "early_data: on, ticket_keys: \"\(path)\""
        let first = try start(tls)
        for file in ["one", "two"] { try keepSession(first, in: file) }
        let relay = try Relay(to: first.address)
        let client = try begin(relay.address, request("GET", "/early"), from: "one")
        try waitForHead("/early")
        let flight = try relay.firstFlight()
        relay.release()
        #expect(try finish(client).contains("Early data was accepted"))
        #expect(try first.stop() == 0)
        let second = try start(tls)
        try replay(flight, 4, to: second)
        #expect(heads("/early").count == 1)
        let text = try finish(begin(second.address, request("GET", "/early"), from: "two"))
        #expect(text.contains("Early data was rejected") && text.contains("Reused"), "\(text)")
        #expect(heads("/early").count == 1)
        try keepSession(second, in: "three")
        let own = try finish(begin(second.address, request("GET", "/own"), from: "three"))
        #expect(own.contains("Early data was accepted"), "\(own)")
        #expect(try offers(second) == [1, 0, 5])
    }

    @Test("A site decides for itself", arguments: ["on", "off"])
    func site(_ word: String) throws {
        let site = MartletInstance.site(origin.address) + "\n    tls: { early_data: \(word) }"
        let other = word == "on" ? "off" : "on"
        let martlet = try MartletInstance(sites: site, more: "tls: { early_data: \(other) }")
        let peer = try martlet.connect()
        try peer.send(request("GET", "/"))
        #expect(try peer.reply().status == 200)
        #expect(try #require(peer.ticket).earlyDataLimit == (word == "on" ? 16_384 : 0))
    }

    @Test("A site that asks its clients takes no early data, not even with a ticket from before")
    func clients() throws {
        let authority = try ClientAuthority()
        let certificate = String(decoding: authority.certificate, as: UTF8.self)
        let ca = try folder.write(certificate, to: "ca.pem")
        let martlet = try start("early_data: on", workers: 1)
        try keepSession(martlet, in: "session")
        let site =
            MartletInstance.site(origin.address) + """

                    tls: { client_certificates: { mode: optional, ca: "\(ca)" } }
                """
        let text = MartletInstance.text(sites: site, more: "workers: 1\ntls: { early_data: on }")
        try martlet.folder.write(text, to: "martlet.yaml")
        try martlet.reload()
        let old = try finish(begin(martlet.address, request("GET", "/early"), from: "session"))
        #expect(old.contains("Early data was rejected") && old.contains("New, TLS"), "\(old)")
        #expect(heads("/early").isEmpty)
        #expect(try offers(martlet) == [0, 0, 1])
        let peer = try martlet.connect()
        try peer.send(request("GET", "/"))
        #expect(try peer.reply().status == 200)
        let ticket = try #require(peer.ticket)
        #expect(ticket.earlyDataLimit == 0)
        #expect(try martlet.connect(ticket: ticket).isResumed)
    }

    @Test("Without the key, tickets allow no early data", arguments: ["", "early_data: off"])
    func off(_ tls: String) throws {
        let martlet = try start(tls)
        let peer = try martlet.connect()
        try peer.send(request("GET", "/"))
        #expect(try peer.reply().status == 200)
        let ticket = try #require(peer.ticket)
        #expect(ticket.earlyDataLimit == 0)
        #expect(try martlet.connect(ticket: ticket).isResumed)
    }
}
