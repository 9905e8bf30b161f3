import Bytes
import Config
import Dispatch
import HTTP
import Platform
import Synchronization
import TLS
import TestSupport
import Testing

@testable import Proxy

/// What several threads have seen.
private final class Seen: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func note(_ line: String) { lines.withLock { $0.append(line) } }
}

@Suite("Worker+UpstreamTLS", .serialized)
struct WorkerUpstreamTLSTests {
    static let ask = head("GET / HTTP/1.1", "Host: localhost")

    private let authority: TestAuthority

    init() throws { authority = try TestAuthority() }

    private func terms(_ change: (inout TLSClientTerms) -> Void = { _ in }) throws -> ServerTLS {
        var terms = TLSClientTerms(
            authorities: try ClientAuthorities(pem: authority.pair.certificate))
        terms.applicationProtocol = "http/1.1"
        change(&terms)
        return ServerTLS(context: try TLSClientContext(terms), serverName: "origin.test")
    }

    private func start(
        _ server: SocketAddress, _ tls: ServerTLS? = nil
    ) throws -> (RunningWorker, SocketAddress) {
        let worker = try RunningWorker()
        let setup = WorkerSetup(sites: [.init(servers: [server], tls: try tls ?? terms())])
        let listener = try WorkerSetup.listen()
        try worker.install(setup, on: listener)
        return (worker, listener.address)
    }

    private func origin(
        _ script: @escaping @Sendable (TLSOriginConnection) throws -> Void = { $0.echo() }
    ) throws -> TLSOrigin {
        try TLSOrigin(authority.issue("origin.test"), script)
    }

    @Test("Requests and bodies go through one connection")
    func keepAlive() throws {
        let origin = try origin()
        let (worker, address) = try start(origin.address)
        let peer = try Peer(address)
        let body = String(repeating: "0123456789abcdef", count: 100_000)
        for size in [0, 1, 16_384, body.utf8.count] {
            try peer.send(
                head("POST / HTTP/1.1", "Host: localhost", "Content-Length: \(size)"))
            try peer.send(String(body.prefix(size)))
            let reply = try peer.reply()
            #expect(reply.status == 200)
            let facts = "name=origin.test resumed=false alpn=http/1.1 client=- number=1\n"
            #expect(reply.body == facts + body.prefix(size))
        }
        try worker.waitForServer(origin.address, active: 0, idle: 1)
        try worker.stop()
    }

    /// RFC 8446 §6.1: whoever can cut the connection could cut the response.
    @Test(
        "A response that ends with the connection ends with close_notify only",
        arguments: [true, false])
    func truncation(isClosed: Bool) throws {
        let origin = try origin { connection in
            _ = connection.readHead()
            connection.send("HTTP/1.1 200 OK\r\n\r\nhello")
            if isClosed { connection.close() }
            connection.finish()
            connection.readToEnd()
        }
        let (worker, address) = try start(origin.address)
        let peer = try Peer(address)
        try peer.send(head("GET / HTTP/1.1", "Host: localhost", "Connection: close"))
        let all = try peer.receiveAll()
        #expect(all.hasSuffix("0\r\n\r\n") == isClosed, "\(all)")
        try worker.stop()
    }

    @Test(
        "Sessions are resumed, each ticket of TLS 1.3 once", arguments: [TLSVersion.tls12, .tls13])
    func resumption(_ version: TLSVersion) throws {
        let origin = try origin { connection in
            _ = connection.readHead()
            let facts = connection.facts
            connection.send(
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: \(facts.utf8.count)"
                    + "\r\n\r\n\(facts)")
            connection.close()
            connection.finish()
            connection.readToEnd()
        }
        let tls = try terms { $0.versions = version...version }
        let (worker, address) = try start(origin.address, tls)
        for round in 1...4 {
            let peer = try Peer(address)
            try peer.send(WorkerUpstreamTLSTests.ask)
            let body = try peer.reply().body
            #expect(body.contains("resumed=\(round > 1) "), "\(round): \(body)")
        }
        try worker.stop()
    }

    @Test("Bytes of a tunnel go both ways, and the end of either side is passed on")
    func tunnel() throws {
        let origin = try origin { connection in
            _ = connection.readHead()
            connection.send(
                head(
                    "HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: x"))
            connection.send("hello " + connection.read(5))
            connection.readToEnd()
            connection.close()
            connection.finish()
        }
        let (worker, address) = try start(origin.address)
        let peer = try Peer(address)
        try peer.send(
            head("GET / HTTP/1.1", "Host: localhost", "Connection: upgrade", "Upgrade: x"))
        #expect(try peer.until("\r\n\r\n").hasPrefix("HTTP/1.1 101"))
        try peer.send("world")
        #expect(try peer.until("world") == "hello world")
        try peer.finish()
        #expect(try peer.receiveAll() == "")
        try worker.waitForServer(origin.address, active: 0, idle: 0)
        try worker.stop()
    }

    @Test("A server behind a socket file is verified by the name that was given")
    func socketFile() throws {
        let folder = try TemporaryFolder()
        let origin = try TLSOrigin(
            authority.issue("origin.test"), at: .unix(folder.path("socket"))
        ) { $0.echo() }
        let (worker, address) = try start(origin.address)
        let peer = try Peer(address)
        try peer.send(WorkerUpstreamTLSTests.ask)
        #expect(try peer.reply().body.hasPrefix("name=origin.test "))
        try worker.stop()
    }

    @Test("An idle connection that has died costs no request")
    func dead() throws {
        let origin = try origin { connection in
            guard connection.readHead() != nil else { return }
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            connection.close()
        }
        let (worker, address) = try start(origin.address)
        let peer = try Peer(address)
        for _ in 0..<20 {
            try peer.send(WorkerUpstreamTLSTests.ask)
            #expect(try peer.reply().status == 200)
        }
        try worker.stop()
    }

    /// A connection under steady load never rested, and never met the end of the list.
    @Test(
        "No request begins on an open connection once a revocation list is too old",
        arguments: [BackendProtocol.http1, .h2c])
    func outdated(speaks: BackendProtocol) throws {
        let under = Mutex(0)
        let gate = DispatchSemaphore(value: 0)
        let origin =
            speaks == .http1
            ? try Origin { $0.echo() }
            : try Origin(
                StreamOrigin.script { origin, event in
                    guard case .request(let stream, _) = event else { return }
                    under.withLock { $0 += 1 }
                    if origin.path == "/under" { gate.wait() }
                    origin.answer(stream, "ok")
                })
        let driven = try DrivenWorker(origin.address, speaks: speaks)
        let first = try Peer(driven.address)
        if speaks == .h2c {
            try first.send(head("GET /under HTTP/1.1", "Host: localhost"))
            try driven.turn("the stream") { under.withLock { $0 } == 1 }
        } else {
            try first.send(WorkerUpstreamTLSTests.ask)
            try driven.turn(untilInputFor: first)
            #expect(try first.reply().status == 200)
            #expect(driven.upstream?.phase == .idle)
        }
        // The server is the same, and from now on only good by a list that is not.
        let authority = try ClientAuthority()
        let list = try authority.revocationList(end: "20210101000000Z")
        var terms = TLSClientTerms(
            authorities: try ClientAuthorities(pem: authority.certificate))
        terms.lists = [try RevocationLists(list)]
        let tls = ServerTLS(context: try TLSClientContext(terms), serverName: "origin.test")
        let pool = try #require(driven.worker.pools.values.first)
        pool.plan = ServerPlan(
            name: pool.plan.name, address: pool.plan.address, label: pool.plan.label,
            speaks: speaks, tls: tls)
        let second = try Peer(driven.address)
        try second.send(WorkerUpstreamTLSTests.ask)
        try driven.turn("another connection") { origin.connectionCount == 2 }
        if speaks == .h2c {
            #expect(under.withLock { $0 } == 1)
            gate.signal()
            try driven.turn(untilInputFor: first)
            #expect(try first.reply().body == "ok")
        }
        try driven.turn("the end of the old one") { pool.openCount < 2 }
        second.reset()
    }

    /// Each was answered, and a server could go on like that for as long as it liked.
    @Test(
        "A server that has its keys updated again and again is given up",
        arguments: [(31, 200), (32, 502)])
    func keyUpdates(count: Int, status: Int) throws {
        let origin = try origin { connection in
            _ = connection.readHead()
            connection.updateKeys(count)
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            connection.readToEnd()
        }
        let (worker, address) = try start(origin.address)
        let peer = try Peer(address)
        try peer.send(WorkerUpstreamTLSTests.ask)
        #expect(try peer.reply().status == status)
        try worker.stop()
    }

    /// The answers to a server that read none of them gathered without end.
    @Test("A server is not read on while too much waits that TLS has answered it")
    func heldBack() throws {
        let go = DispatchSemaphore(value: 0)
        let origin = try origin { connection in
            _ = connection.readHead()
            go.wait()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            connection.readToEnd()
        }
        let driven = try DrivenWorker(
            WorkerSetup(sites: [.init(servers: [origin.address], tls: try terms())]))
        let peer = try Peer(driven.address)
        try peer.send(WorkerUpstreamTLSTests.ask)
        try driven.turn("the request") {
            driven.upstream?.phase == .busy && driven.upstream?.hasSentAll == true
        }
        let upstream = try #require(driven.upstream)
        let answers = [UInt8](repeating: 0, count: Worker.mostSealed)
        upstream.sealed.append(answers.span)
        go.signal()
        try driven.turn("the answer") { upstream.isHeldBack }
        for _ in 0..<3 { driven.turn() }
        #expect(upstream.canRead && !peer.hasInput(within: .zero))
        upstream.sealed.removeAll()
        let isOpen = driven.worker.sendSealed(upstream)
        #expect(isOpen && !upstream.isHeldBack)
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 200)
    }

    /// A server could keep a tunnel open by new keys now and then.
    @Test("Bytes keep a tunnel open, and new keys do not", arguments: [true, false])
    func tunnelIdle(sendsBytes: Bool) throws {
        let go = DispatchSemaphore(value: 0)
        let origin = try origin { connection in
            _ = connection.readHead()
            connection.send(
                head(
                    "HTTP/1.1 101 Switching Protocols", "Connection: upgrade", "Upgrade: x"))
            go.wait()
            if sendsBytes { connection.send("x") } else { connection.updateKeys(2) }
            connection.readToEnd()
        }
        let setup = WorkerSetup(sites: [.init(servers: [origin.address], tls: try terms())])
        let driven = try DrivenWorker(setup, isClockStopped: true)
        let peer = try Peer(driven.address)
        try peer.send(WorkerTunnelTests.ask)
        try driven.turn(untilInputFor: peer)
        #expect(try peer.reply().status == 101)
        let half = TimeoutConfig().tunnelIdle / 2
        driven.advance(by: half)
        let upstream = try #require(driven.upstream)
        #expect(upstream.heardAt < driven.worker.now)
        go.signal()
        try driven.turn("what the server says") { upstream.heardAt == driven.worker.now }
        driven.advance(by: half + .seconds(1))
        if !sendsBytes { try driven.turn("the end of the tunnel") { driven.upstream == nil } }
        #expect((driven.upstream != nil) == sendsBytes)
    }

    @Test("A server that does not shake hands is given up in time")
    func silent() throws {
        let origin = try Origin { _ = $0.readToEnd() }
        let (worker, address) = try start(origin.address)
        let peer = try Peer(address)
        try peer.send(WorkerUpstreamTLSTests.ask)
        try Deadline.wait("a connection") { origin.connectionCount == 1 }
        try worker.waitForServer(origin.address, active: 1, idle: 0)
        try worker.advance(by: .seconds(60))
        #expect(try peer.reply().status == 504)
        try worker.stop()
    }

    @Test(
        "A handshake that fails is counted by its reason, and answered with 502",
        arguments: [
            ("host_name_mismatch", "other.test"), ("unknown_authority", "stranger"),
            ("pin_mismatch", "pinned"), ("handshake", "plain"),
        ])
    func failures(_ label: String, _ kind: String) throws {
        let issuer = kind == "stranger" ? try TestAuthority() : authority
        let name = kind == "other.test" ? kind : "origin.test"
        let plain = try Origin { connection in
            _ = connection.receive()
            connection.send("HTTP/1.1 400 Bad Request\r\n\r\n")
        }
        let origin = try TLSOrigin(issuer.issue(name)) { $0.echo() }
        let pin = PublicKeyPin("sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
        let tls = try terms { terms in
            if kind == "pinned", let pin { terms.pins = [pin] }
        }
        let server = kind == "plain" ? plain.address : origin.address
        let (worker, address) = try start(server, tls)
        let peer = try Peer(address)
        try peer.send(WorkerUpstreamTLSTests.ask)
        #expect(try peer.reply().status == 502)
        #expect(try worker.sample("martlet_upstream_failures_total", label) == 1)
        try worker.waitForServer(server, active: 0, idle: 0)
        try worker.stop()
    }

    @Test("A header of the PROXY protocol stands before the handshake")
    func header() throws {
        let lines = Seen()
        let origin = try TLSOrigin(
            authority.issue("origin.test"),
            prologue: { connection in lines.note(connection.read(until: "\r\n")) },
            { $0.echo() })
        let worker = try RunningWorker()
        let setup = WorkerSetup(sites: [
            .init(servers: [origin.address], tls: try terms(), proxyHeader: .v1)
        ])
        let listener = try WorkerSetup.listen()
        try worker.install(setup, on: listener)
        let peer = try Peer(listener.address)
        for _ in 0..<2 {
            try peer.send(WorkerUpstreamTLSTests.ask)
            #expect(try peer.reply().body.contains("number=1\n"))
        }
        #expect(lines.all.count == 1 && lines.all[0].hasPrefix("PROXY TCP4 127.0.0.1 127.0.0.1 "))
        try worker.stop()
    }

    @Test("A reload that changes nothing keeps connections, another authority does not")
    func reload() throws {
        let origin = try origin()
        let worker = try RunningWorker()
        let listener = try WorkerSetup.listen()
        let setup = { (tls: ServerTLS) in
            WorkerSetup(sites: [.init(servers: [origin.address], tls: tls)])
        }
        try worker.install(setup(terms()), on: listener)
        let peer = try Peer(listener.address)
        var numbers: [String] = []
        let changed = try terms { $0.versions = .tls13 ... .tls13 }
        for (generation, tls) in [try terms(), try terms(), changed].enumerated() {
            try worker.install(setup(tls), on: listener, generation: UInt64(generation + 2))
            try peer.send(WorkerUpstreamTLSTests.ask)
            let body = try peer.reply().body
            numbers.append(String(body.dropLast().suffix(1)))
        }
        #expect(numbers == ["1", "1", "2"])
        try worker.stop()
    }
}
