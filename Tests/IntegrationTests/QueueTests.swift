import TestSupport
import Testing

/// The queue of a backend while the configuration changes.
@Suite struct QueueTests {
    private static let queue = "martlet_upstream_queue{backend=\"api\"}"

    /// The sites and backends; without a backend where there is no server.
    private static func text(_ gate: GatedOrigin?, _ limits: String) -> (
        sites: String, more: String
    ) {
        let action = gate == nil ? "respond: { status: 410 }" : "backend: api"
        let sites = """
              - hosts: [localhost]
                certificates: [{ chain: cert.pem, key: cert.key }]
                routes: [{ path: /, \(action) }]
            """
        let backends = gate.map {
            "backends: { api: { servers: [\"\($0.origin.address)\"], limits: { \(limits) } } }"
        }
        return (sites, "workers: 1\n\(backends ?? "")")
    }

    private static func start(_ gate: GatedOrigin, _ limits: String) throws -> MartletInstance {
        let (sites, more) = text(gate, limits)
        return try MartletInstance(sites: sites, more: more, keeping: gate.origin)
    }

    private func reload(_ martlet: MartletInstance, _ gate: GatedOrigin?, _ limits: String) throws {
        let (sites, more) = QueueTests.text(gate, limits)
        try martlet.folder.write(
            MartletInstance.text(sites: sites, more: more), to: "martlet.yaml")
        try martlet.reload()
    }

    private func ask(_ martlet: MartletInstance, _ path: String) throws -> Peer {
        let peer = try martlet.connect()
        try peer.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        return peer
    }

    /// Asks for these paths in turn, each of which has to wait.
    private func queue(
        _ martlet: MartletInstance, _ paths: Range<Int>, behind count: Int
    ) throws -> [Peer] {
        try paths.enumerated().map { index, path in
            let peer = try ask(martlet, "/\(path)")
            try martlet.wait(metric: QueueTests.queue, atMost: 30) {
                $0 == Double(count + index + 1)
            }
            return peer
        }
    }

    @Test("Requests reach their server in the order in which they came, over reloads")
    func order() throws {
        let gate = try GatedOrigin()
        let limits = "requests: 1, queue: 20, queue_timeout: 10m"
        let martlet = try QueueTests.start(gate, limits)
        var peers = [try ask(martlet, "/0")]
        try gate.wait(1)
        peers += try queue(martlet, 1..<4, behind: 0)
        try reload(martlet, gate, limits)
        peers += try queue(martlet, 4..<7, behind: 3)
        try reload(martlet, gate, limits + ", pending: 50")
        peers += try queue(martlet, 7..<9, behind: 6)
        gate.letGo(9)
        for (index, peer) in peers.enumerated() {
            let reply = try peer.reply()
            #expect(reply.status == 200 && reply.body == "/\(index)")
        }
        #expect(gate.paths == (0..<9).map { "/\($0)" })
        #expect(try martlet.metric(QueueTests.queue) == 0)
    }

    /// The line was one of its snapshot, and the request took the place that its client had just
    /// left.
    @Test("Who has just been served does not overtake those who waited before a reload")
    func noOvertaking() throws {
        let gate = try GatedOrigin()
        let limits = "requests: 1, queue: 20, queue_timeout: 10m"
        let martlet = try QueueTests.start(gate, limits)
        let first = try ask(martlet, "/0")
        try gate.wait(1)
        let others = try queue(martlet, 1..<3, behind: 0)
        try reload(martlet, gate, limits)
        try first.send("GET /again HTTP/1.1\r\nHost: localhost\r\n\r\n")
        gate.letGo(4)
        for path in ["/0", "/again"] { #expect(try first.reply().body == path) }
        for peer in others { #expect(try peer.reply().status == 200) }
        #expect(gate.paths == ["/0", "/1", "/2", "/again"])
    }

    @Test("A reload that raises the limit lets those who wait go on at once")
    func raised() throws {
        let gate = try GatedOrigin()
        let martlet = try QueueTests.start(gate, "requests: 1, queue: 20, queue_timeout: 10m")
        var peers = [try ask(martlet, "/0")]
        try gate.wait(1)
        peers += try queue(martlet, 1..<4, behind: 0)
        try reload(martlet, gate, "requests: 3, queue: 20, queue_timeout: 10m")
        try gate.wait(3)
        #expect(Set(gate.paths) == ["/0", "/1", "/2"])
        try martlet.wait(metric: QueueTests.queue, atMost: 30) { $0 == 1 }
        gate.letGo(4)
        for peer in peers { #expect(try peer.reply().status == 200) }
    }

    @Test("A backend that a reload removes still serves those who wait for it, and nobody else")
    func removed() throws {
        let gate = try GatedOrigin()
        let limits = "requests: 1, queue: 20, queue_timeout: 10m"
        let martlet = try QueueTests.start(gate, limits)
        var peers = [try ask(martlet, "/0")]
        try gate.wait(1)
        peers += try queue(martlet, 1..<3, behind: 0)
        try reload(martlet, nil, "")
        #expect(try martlet.request("/new").status == 410)
        gate.letGo(3)
        for (index, peer) in peers.enumerated() {
            #expect(try peer.reply().body == "/\(index)")
        }
        #expect(gate.paths == ["/0", "/1", "/2"])
    }

    @Test("Those who wait go to the new servers of a backend that a reload moves")
    func moved() throws {
        let gates = try [GatedOrigin(), GatedOrigin()]
        let limits = "requests: 1, queue: 20, queue_timeout: 10m"
        let martlet = try QueueTests.start(gates[0], limits)
        let first = try ask(martlet, "/0")
        try gates[0].wait(1)
        var peers = try queue(martlet, 1..<3, behind: 0)
        try reload(martlet, gates[1], limits)
        try gates[1].wait(1)
        peers += try queue(martlet, 3..<4, behind: 1)
        gates[1].letGo(3)
        for (index, peer) in peers.enumerated() {
            #expect(try peer.reply().body == "/\(index + 1)")
        }
        #expect(gates[1].paths == ["/1", "/2", "/3"])
        gates[0].letGo(1)
        #expect(try first.reply().body == "/0")
    }

    @Test("The deadline of those who wait holds over a reload", arguments: [true, false])
    func deadline(isRemoved: Bool) throws {
        let gate = try GatedOrigin()
        let martlet = try QueueTests.start(gate, "requests: 1, queue: 20, queue_timeout: 3s")
        let first = try ask(martlet, "/0")
        try gate.wait(1)
        let second = try ask(martlet, "/1")
        try reload(
            martlet, isRemoved ? nil : gate, "requests: 1, queue: 20, queue_timeout: 10m")
        #expect(try second.reply().status == 503)
        gate.letGo(1)
        #expect(try first.reply().body == "/0")
        #expect(gate.paths == ["/0"])
    }
}
