import Config
import Foundation
import Platform
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Proxy

/// Requests that wait for their passwords, and those beside them.
@Suite("Worker+Passwords", .serialized)
struct WorkerPasswordsTests {
    /// A worker with one site that asks for a password and one that does not.
    private struct Scene {
        let gate = Gate()
        let origin: Origin
        let worker: RunningWorker
        let address: SocketAddress

        let rules: RouteRules
        /// Lets a worker have passwords looked at.
        let change: @Sendable (inout RuntimeSettings) -> Void

        init(capacity: Int = 2, share: Int? = 2, accessLog: String? = nil) throws {
            origin = try Origin { $0.echo() }
            worker = try RunningWorker(accessLog: accessLog)
            let gate = gate
            let checker = try PasswordChecker(threads: 1, capacity: capacity, share: share) {
                password, hash in
                gate.pass()
                return password == Array("good".utf8) && hash.hasPrefix("$5$al$")
            }
            let entry = try PasswordEntry("al:$5$al$" + String(repeating: "a", count: 43))
            let auth = BasicAuthConfig()
            rules = RouteRules(
                RuleConfig(basicAuth: auth), accounts: AccountTable(auth, entries: [entry]))
            change = {
                $0.passwords = checker
                $0.passwordSeed = [1, 2, 3]
                $0.accessLogFormat = .json
            }
            let setup = WorkerSetup(
                sites: [
                    .init(hosts: ["closed"], servers: [origin.address], rules: rules),
                    .init(hosts: ["open"], servers: [origin.address]),
                ],
                change: change)
            let listener = try WorkerSetup.listen()
            try worker.install(setup, on: listener)
            address = listener.address
        }

        func ask(
            _ user: String?, host: String = "closed", from source: SocketAddress? = nil,
            more: [String] = []
        ) throws -> Peer {
            let peer = try Peer(address, from: source)
            let field = user.map {
                ["Authorization: Basic \(Data($0.utf8).base64EncodedString())"]
            }
            try peer.send(
                (["GET / HTTP/1.1", "Host: \(host)"] + (field ?? []) + more)
                    .map { $0 + "\r\n" }.joined() + "\r\n")
            return peer
        }
    }

    @Test("A good password passes and is remembered; the backend does not see it")
    func good() throws {
        let scene = try Scene()
        scene.gate.open()
        for _ in 0..<3 {
            let reply = try scene.ask("al:good").reply()
            #expect(reply.status == 200)
            #expect(!reply.body.lowercased().contains("authorization"))
        }
        #expect(scene.gate.arrivals == 1)
        try scene.worker.stop()
    }

    @Test("No password, a wrong one and one of nobody are asked for; only the last two cost")
    func refused() throws {
        let scene = try Scene()
        scene.gate.open()
        for (user, arrivals) in [
            (nil, 0), ("al", 0), ("al:bad", 1), ("al:bad", 2), ("eve:good", 3), ("al:good ", 4),
            ("al:" + String(repeating: "a", count: 512), 4), (":good", 5),
        ] as [(String?, Int)] {
            let reply = try scene.ask(user).reply()
            #expect(reply.status == 401)
            #expect(
                reply.field("www-authenticate") == "Basic realm=\"restricted\", charset=\"UTF-8\"")
            #expect(scene.gate.arrivals == arrivals, "\(user ?? "none")")
        }
        #expect(scene.origin.heads.isEmpty)
        try scene.worker.stop()
    }

    @Test("While passwords wait, others are served; where too many wait, 503")
    func busy() throws {
        let scene = try Scene(capacity: 2)
        let first = try scene.ask("al:0")
        try scene.gate.waitForArrivals(1)
        let waiting = try (1...2).map { try scene.ask("al:\($0)") }
        try scene.worker.settle()
        try scene.worker.settle()
        let refused = try scene.ask("al:3").reply()
        #expect(refused.status == 503)
        #expect(refused.field("retry-after") == "2")
        // The same as one that is being looked at does not need a place of its own.
        let twin = try scene.ask("al:2")
        for _ in 0..<20 { #expect(try scene.ask(nil, host: "open").reply().status == 200) }
        #expect(try scene.ask(nil).reply().status == 401)
        #expect(scene.gate.arrivals == 1)
        for peer in [first, twin] + waiting { #expect(!peer.hasInput(within: .zero)) }
        scene.gate.open()
        for peer in [first, twin] + waiting { #expect(try peer.reply().status == 401) }
        #expect(scene.gate.arrivals == 3)
        try scene.worker.stop()
    }

    @Test("Who floods the queue is refused alone")
    func flood() throws {
        let scene = try Scene(capacity: 16, share: nil)
        let first = try scene.ask("al:0")
        try scene.gate.waitForArrivals(1)
        let waiting = try (1...2).map { try scene.ask("al:\($0)") }
        try scene.worker.settle()
        try scene.worker.settle()
        #expect(try scene.ask("al:3").reply().status == 503)
        let other = try scene.ask("al:good", from: .ipv4(0x7f00_0002, port: 0))
        try scene.worker.settle()
        try scene.worker.settle()
        #expect(!other.hasInput(within: .zero))
        scene.gate.open()
        for peer in [first] + waiting { #expect(try peer.reply().status == 401) }
        #expect(try other.reply().status == 200)
        try scene.worker.stop()
    }

    /// Its password is good, and its body was too large before that was found. The window is shut,
    /// so that the answer, and with it the stream, is still there.
    @Test("Who has been answered already is not sent on")
    func answered() throws {
        let scene = try Scene()
        let client = try StreamClient(scene.origin.address, rules: scene.rules) {
            scene.change(&$0)
            $0.requestBodyLimit = 5
        }
        let authorization = "Basic \(Data("al:good".utf8).base64EncodedString())"
        let peer = try client.connect(settings: [(4, 0)])
        func request(_ stream: UInt32, _ method: String, end: Bool) -> [UInt8] {
            Frame.headers(
                stream,
                [
                    (":method", method), (":scheme", "https"), (":authority", "localhost"),
                    (":path", "/"), ("authorization", authorization),
                ], end: end)
        }
        try peer.send(request(1, "POST", end: false))
        try scene.gate.waitForArrivals(1)
        try peer.send(Frame.data(1, "123456", end: false))
        while peer.streams[1]?.status == nil { try peer.receive() }
        #expect(peer.streams[1]?.status == 413)
        scene.gate.open()
        try peer.send(request(3, "GET", end: true))
        while peer.streams[3]?.status == nil { try peer.receive() }
        #expect(peer.streams[3]?.status == 200)
        #expect(scene.origin.heads.count == 1)
        #expect(scene.origin.heads.first?.hasPrefix("GET ") == true)
        try client.worker.stop()
        try scene.worker.stop()
    }

    @Test("Who has waited long enough hears 503, and the answer that comes late is nobody's")
    func patience() throws {
        let scene = try Scene()
        let peer = try scene.ask("al:good")
        try scene.gate.waitForArrivals(1)
        #expect(!peer.hasInput(within: .zero))
        try scene.worker.advance(by: Worker.passwordPatience)
        #expect(try peer.reply().status == 503)
        scene.gate.open()
        #expect(try scene.ask("al:bad").reply().status == 401)
        try scene.worker.stop()
    }

    /// The name was taken over when it was read, and stayed where the exchange ended by something
    /// else than its password.
    @Test("A name that was not proved is nobody's in the access log")
    func unproved() throws {
        let folder = try TemporaryFolder()
        let scene = try Scene(accessLog: folder.path("log"))
        let gone = try scene.ask("al:good")
        try scene.gate.waitForArrivals(1)
        gone.reset()
        try scene.worker.waitForConnections(0)
        let late = try scene.ask("al:late")
        try Deadline.wait("a connection") { scene.worker.registry.totals().connectionsActive == 1 }
        try scene.worker.settle()
        try scene.worker.settle()
        try scene.worker.advance(by: Worker.passwordPatience)
        #expect(try late.reply().status == 503)
        scene.gate.open()
        #expect(try scene.ask("al:bad").reply().status == 401)
        #expect(try scene.ask("eve:good").reply().status == 401)
        #expect(try scene.ask("al:" + String(repeating: "a", count: 512)).reply().status == 401)
        for _ in 0..<2 { #expect(try scene.ask("al:good").reply().status == 200) }
        try scene.worker.stop()
        let lines = try folder.read("log").split(separator: "\n")
        #expect(lines.count == 7)
        for line in lines {
            let isGood = line.contains("\"status\":200")
            #expect(line.contains("\"user\":\"al\"") == isGood, "\(line)")
            #expect(!line.contains("eve"), "\(line)")
        }
    }

    /// One password that many requests bring is looked at once, and still each of them has to wait
    /// somewhere: one client's would have taken all the places.
    @Test("One client has its share of those who wait for a password, and no more")
    func share() throws {
        let scene = try Scene()
        let peers = try (0...PendingPasswords.share).map { _ in try scene.ask("al:bad") }
        // Whoever came last is told at once; the others are exactly as many as may wait.
        var early: [Int] = []
        try Deadline.wait("an answer") {
            early = peers.indices.filter { peers[$0].hasInput(within: .zero) }
            return !early.isEmpty
        }
        try scene.worker.settle()
        try scene.worker.settle()
        early = peers.indices.filter { peers[$0].hasInput(within: .zero) }
        #expect(early.count == 1)
        #expect(try peers[early[0]].reply().status == 503)
        try scene.gate.waitForArrivals(1)
        let other = try scene.ask("al:bad", from: Peer.neighbour)
        try scene.worker.settle()
        try scene.worker.settle()
        #expect(!other.hasInput(within: .zero))
        scene.gate.open()
        for (index, peer) in peers.enumerated() where index != early[0] {
            #expect(try peer.reply().status == 401)
        }
        #expect(try other.reply().status == 401)
        // Their places are free again.
        #expect(try scene.ask("al:good").reply().status == 200)
        try scene.worker.stop()
    }

    @Test("Who goes away while waiting leaves nothing behind")
    func gone() throws {
        let scene = try Scene()
        for number in 0..<2 {
            let peer = try scene.ask("al:\(number)")
            try scene.gate.waitForArrivals(1)
            peer.reset()
        }
        try scene.worker.waitForConnections(0)
        scene.gate.open()
        #expect(try scene.ask("al:good").reply().status == 200)
        #expect(scene.worker.requestCount == 3)
        try scene.worker.stop()
    }
}
