import Config
import Platform
import TestSupport
import Testing

@testable import Proxy

/// Servers that know by the connection alone who asks.
@Suite("Worker+Introduction+Login", .serialized)
struct WorkerIntroductionLoginTests {
    /// A server that answers with the connection's number and whoever has logged in there, as IIS
    /// does with NTLM: 401 with `fields` as long as nobody has.
    private func origin(_ fields: [String]) throws -> Origin {
        try Origin { connection in
            var user = ""
            while let request = connection.readHead() {
                let line = request.firstMatch(of: /[Aa]uthorization: \w+ (\w+)/)
                if let line { user = String(line.1) }
                let text = "\(connection.number) \(user)"
                let lines = (user.isEmpty ? fields : []).map { "WWW-Authenticate: \($0)\r\n" }
                connection.send(
                    "HTTP/1.1 \(user.isEmpty ? "401 Unauthorized" : "200 OK")\r\n"
                        + lines.joined() + "Content-Length: \(text.utf8.count)\r\n\r\n\(text)")
            }
        }
    }

    private static func ask(_ login: String? = nil) -> String {
        guard let login else { return head("GET / HTTP/1.1", "Host: localhost") }
        return head("GET / HTTP/1.1", "Host: localhost", "Authorization: \(login)")
    }

    private func ask(_ peer: Peer, _ login: String? = nil) throws -> String {
        try peer.send(WorkerIntroductionLoginTests.ask(login))
        return try peer.reply().body
    }

    /// The next client was answered as the one that had logged in before.
    @Test(
        "Nobody is answered as another client that has logged in on its connection",
        arguments: [
            (["NTLM"], "NTLM alice"), (["Negotiate", "NTLM"], "Negotiate alice"),
            (["Basic realm=\"a\", ntlm"], "ntlm alice"), ([], "Negotiate alice"),
        ] as [([String], String)])
    func others(fields: [String], login: String) throws {
        let origin = try origin(fields)
        let (worker, address) = try RunningWorker.plain(origin.address)
        let alice = try Peer(address)
        let other = try Peer(address)
        if !fields.isEmpty { #expect(try ask(alice) == "1 ") }
        #expect(try ask(alice, login) == "1 alice")
        try worker.waitForServer(origin.address, active: 0, idle: 1)
        #expect(try ask(other) == "2 ")
        #expect(try ask(alice) == "1 alice")
        #expect(try ask(other, login.replacing("alice", with: "bob")) == "2 bob")
        #expect(try ask(alice) == "1 alice")
        // Who has gone leaves nothing behind.
        try alice.finish()
        _ = try alice.receiveAll()
        try worker.waitForServer(origin.address, active: 0, idle: 1)
        try worker.stop()
    }

    @Test("Any other login leaves connections to everybody", arguments: ["Basic", "Bearer"])
    func shared(scheme: String) throws {
        let origin = try origin(["Basic realm=\"a\""])
        let (worker, address) = try RunningWorker.plain(origin.address)
        for number in 0..<3 {
            let peer = try Peer(address)
            #expect(try ask(peer, "\(scheme) user\(number)") == "1 user\(number)")
            try worker.waitForServer(origin.address, active: 0, idle: 1)
        }
        try worker.stop()
    }

    /// The second half of the handshake went to a server that knew nothing of the first.
    @Test("The requests of a login go to the server that has begun it")
    func sameServer() throws {
        let origins = try (0..<3).map { _ in try origin(["NTLM"]) }
        let (worker, address) = try RunningWorker.plain(
            origins[0].address, origins[1].address, origins[2].address)
        // Two, so that their turns are not the same ones each time.
        let peers = try (0..<2).map { _ in try Peer(address) }
        for peer in peers { _ = try ask(peer) }
        for _ in 0..<2 {
            for (number, peer) in peers.enumerated() {
                #expect(try ask(peer, "NTLM user\(number)") == "1 user\(number)")
            }
        }
        for (number, peer) in peers.enumerated() {
            #expect(try ask(peer) == "1 user\(number)")
        }
        #expect(origins.map(\.heads.count).sorted() == [0, 4, 4])
        try worker.stop()
    }

    @Test("A connection that knows its client and has died is replaced by one that knows nobody")
    func dead() throws {
        let origin = try Origin { connection in
            guard let request = connection.readHead() else { return }
            let isKnown = request.contains("NTLM ")
            connection.send(
                head(
                    "HTTP/1.1 401 Unauthorized", "Content-Length: 0",
                    isKnown ? "WWW-Authenticate: NTLM c2VydmVy" : "WWW-Authenticate: NTLM"))
        }
        let (worker, address) = try RunningWorker.plain(origin.address)
        let peer = try Peer(address)
        for _ in 0..<20 {
            try peer.send(WorkerIntroductionLoginTests.ask("NTLM bWU="))
            #expect(try peer.reply().field("www-authenticate") == "NTLM c2VydmVy")
        }
        try worker.stop()
    }

    @Test("A connection of HTTP/2 has its own, too")
    func streams() throws {
        let origin = try origin(["Negotiate"])
        let client = try StreamClient(origin.address)
        func ask(_ peer: StreamPeer, _ stream: UInt32, _ login: String? = nil) throws -> String {
            var fields = [
                (":method", "GET"), (":scheme", "https"), (":authority", "localhost"),
                (":path", "/"),
            ]
            if let login { fields.append(("authorization", login)) }
            try peer.send(Frame.headers(stream, fields))
            return String(decoding: try peer.stream(stream).body, as: UTF8.self)
        }
        let alice = try client.connect()
        #expect(try ask(alice, 1, "Negotiate alice") == "1 alice")
        let other = try client.connect()
        #expect(try ask(other, 1) == "2 ")
        #expect(try ask(alice, 3) == "1 alice")
        try client.worker.stop()
    }
}
