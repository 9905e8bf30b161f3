import Foundation
import Platform
import TestSupport
import Testing

/// Servers that are found: by names, by SRV records and in files.
@Suite(.serialized)
struct DiscoveryTests {
    private static let second = UInt32(0x7f00_0002)

    /// Two servers on one port of two addresses.
    private func twins() throws -> (first: Origin, second: Origin, port: UInt16) {
        for _ in 0..<50 {
            let first = try Origin { $0.echo() }
            guard let port = first.address.port,
                let second = try? Origin(
                    at: .ipv4(DiscoveryTests.second, port: port), { $0.echo() })
            else { continue }
            return (first, second, port)
        }
        throw TestFailure("no port is free on two addresses")
    }

    private func site(_ backend: String) -> String {
        """
          - hosts: ["localhost"]
            certificates: [{ chain: "cert.pem", key: "cert.key" }]
            backend: \(backend)
        """
    }

    private func dns(_ server: SocketAddress) -> String { "dns: { servers: \"\(server)\" }\n" }

    @Test("A name moves to and fro while clients ask: none sees a failure")
    func moving() throws {
        let names = try NameServer()
        defer { names.stop() }
        let (first, second, port) = try twins()
        names.set("api.example", ttl: 1, addresses: "127.0.0.1")
        let martlet = try MartletInstance(
            sites: site("\"http://api.example:\(port)\""),
            more: "workers: 2\n" + dns(names.address))
        let crowd = try Crowd(martlet, clients: 20)
        #expect(second.connectionCount == 0)
        for round in 1...4 {
            let address = round % 2 == 1 ? "127.0.0.2" : "127.0.0.1"
            names.set("api.example", ttl: 1, addresses: address)
            let line = try martlet.process.errors.wait(
                for: " upstream.servers_changed ", count: round, atMost: 60)
            #expect(line.contains("backend=http://api.example:\(port)"), "\(line)")
            #expect(line.contains("added=\(address):\(port)"), "\(line)")
        }
        names.set("api.example", ttl: 1, addresses: "127.0.0.1", "127.0.0.2")
        try martlet.wait(
            metric: "martlet_upstream_servers{backend=\"http://api.example:\(port)\"}", atMost: 60
        ) { $0 == 2 }
        let outcome = crowd.stop()
        #expect(outcome.failures.isEmpty, "\(outcome.failures.prefix(3))")
        #expect(outcome.requests > 40)
        #expect(first.connectionCount > 0 && second.connectionCount > 0)
        #expect(!martlet.process.errors.text.contains(" config.reloaded "))
        let status = try martlet.ask("/status").body
        #expect(status.contains("\"address\": \"127.0.0.2:\(port)\""), "\(status)")
        #expect(status.contains("\"name\": \"api.example\""), "\(status)")
        #expect(status.contains("\"next_refresh\": \"20"), "\(status)")
        #expect(
            try martlet.metric(
                "martlet_discovery_lookups_total{kind=\"addresses\",result=\"success\"}") >= 6)
        // Both addresses carry labels of their own, however many there were over time.
        let label = "http://api.example:\(port)\",server=\"api.example:\(port)"
        #expect(
            try martlet.metric("martlet_upstream_up{backend=\"\(label)\"}") == 1)
        #expect(
            try martlet.metric("martlet_upstream_up{backend=\"\(label)#2\"}") == 1)
    }

    @Test("A silent name server keeps nobody waiting: not a start for long, no reload, no request")
    func silence() throws {
        let names = try NameServer()
        defer { names.stop() }
        let origin = try Origin { $0.echo() }
        let port = origin.address.port ?? 0
        names.set("api.example", "A", .silence)
        names.set("api.example", "AAAA", .silence)
        let sites = """
              - hosts: ["localhost"]
                certificates: [{ chain: "cert.pem", key: "cert.key" }]
                routes:
                  - { path: "/named", backend: "http://api.example:\(port)" }
                  - { path: "/", backend: "http://\(origin.address)" }
            """
        let martlet = try MartletInstance(sites: sites, more: dns(names.address))
        let warning = try martlet.process.errors.wait(for: " config.warning ")
        #expect(warning.contains("it is down until the name can be looked up"), "\(warning)")
        #expect(try martlet.request("/").status == 200)
        #expect(try martlet.request("/named").status == 503)
        try martlet.reload()
        names.set("api.example", ttl: 1, addresses: "127.0.0.1")
        names.set("api.example", "AAAA", .records([]))
        try martlet.process.errors.wait(for: " upstream.servers_changed ", atMost: 90)
        #expect(try martlet.request("/named").status == 200)
        // What is known stays, and reloads do not wait for it.
        names.set("api.example", "A", .silence)
        let asked = names.count("api.example", "A")
        try names.wait("api.example", "A", count: asked + 1)
        for _ in 0..<3 { try martlet.reload() }
        #expect(try martlet.request("/named").status == 200)
        try martlet.process.errors.wait(for: " upstream.lookup_failed ", count: 2, atMost: 90)
        #expect(try martlet.request("/named").status == 200)
        #expect(try martlet.stop() == 0)
    }

    @Test("The end of the process does not wait for a reload that waits for a name server")
    func endWhileNamesAreAwaited() throws {
        let names = try NameServer()
        defer { names.stop() }
        let origin = try Origin { $0.echo() }
        names.set("api.example", "A", .silence)
        names.set("api.example", "AAAA", .silence)
        let martlet = try MartletInstance(
            sites: site("\"http://\(origin.address)\""), more: dns(names.address))
        let text = MartletInstance.text(
            sites: site("\"http://api.example:80\""), more: dns(names.address))
        try martlet.folder.write(text, to: "martlet.yaml")
        martlet.process.signal(SIGHUP)
        try names.wait("api.example", "A", count: 1)
        martlet.process.signal(SIGTERM)
        #expect(try martlet.process.wait() == 0)
        let events = martlet.process.errors.text
        let rejected = " config.rejected text=\"the instance is stopping\""
        #expect(events.contains(rejected), "\(events)")
        #expect(!events.contains(" config.reloaded "))
    }

    @Test("A start that waits for a name server ends at once when told to, without an error")
    func endWhileStarting() throws {
        let names = try NameServer()
        defer { names.stop() }
        names.set("api.example", "A", .silence)
        names.set("api.example", "AAAA", .silence)
        let folder = try TemporaryFolder()
        try TestAuthority.write(
            try TestAuthority().issue("localhost"), as: "cert", in: folder)
        let text = MartletInstance.text(
            sites: site("\"http://api.example:80\""), more: dns(names.address))
        try folder.write(text, to: "martlet.yaml")
        let process = try RunningProcess(
            MartletInstance.binary, ["run", "--config", folder.path("martlet.yaml")])
        try names.wait("api.example", "A", count: 1)
        process.signal(SIGTERM)
        #expect(try process.wait() == 0)
        let events = process.errors.text
        #expect(events.contains(" server.stopped "), "\(events)")
        #expect(!events.contains(" server.ready "), "\(events)")
    }

    @Test("A hostile name server gets nothing done, and nothing is lost")
    func hostile() throws {
        let names = try NameServer()
        defer { names.stop() }
        let (_, _, port) = try twins()
        names.set("api.example", ttl: 1, addresses: "127.0.0.1")
        let origin = try Origin(at: .ipv4(0x7f00_0003, port: port)) { $0.echo() }
        names.set("api.example", ttl: 1, addresses: "127.0.0.3")
        let martlet = try MartletInstance(
            sites: site("\"http://api.example:\(port)\""), more: dns(names.address),
            keeping: origin)
        let pieces: [[UInt8]] = [
            [0xc0, 27, 0, 1, 0, 1], [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0xff, 0xff],
            [UInt8](repeating: 0xff, count: 400), [],
        ]
        for (index, piece) in pieces.enumerated() {
            names.set("api.example", "A", .garbage(piece))
            try martlet.process.errors.wait(
                for: " upstream.lookup_failed ", count: index + 1, atMost: 60)
            #expect(try martlet.request("/").status == 200, "\(index)")
            names.set("api.example", ttl: 1, addresses: "127.0.0.3")
            try martlet.process.errors.wait(
                for: " upstream.lookup_recovered ", count: index + 1, atMost: 60)
        }
        #expect(martlet.process.errors.text.contains("reason=malformed"))
        #expect(try martlet.stop() == 0)
    }

    @Test("SRV records give ports and backups, and are followed")
    func services() throws {
        let names = try NameServer()
        defer { names.stop() }
        let (main, spare) = (try Origin { $0.echo() }, try Origin { $0.echo() })
        let (port, sparePort) = (main.address.port ?? 0, spare.address.port ?? 0)
        let name = "_http._tcp.api.example"
        names.set("a.example", ttl: 60, addresses: "127.0.0.1")
        names.set(name, "SRV", .records([.service(1, 5, port, "a.example", ttl: 1)]))
        let martlet = try MartletInstance(
            sites: site("pods"),
            more: dns(names.address) + "backends: { pods: { discovery: { srv: \(name) } } }")
        #expect(try martlet.request("/").status == 200)
        #expect(main.connectionCount == 1)
        names.set(
            name, "SRV", .records([.service(7, 5, sparePort, "a.example", ttl: 1)]))
        try martlet.process.errors.wait(for: " upstream.servers_changed ", atMost: 60)
        #expect(try martlet.request("/").status == 200)
        #expect((main.connectionCount, spare.connectionCount) == (1, 1))
    }

    @Test("A file of servers is followed, however it is replaced; a mistake changes nothing")
    func file() throws {
        let (first, second) = (try Origin { $0.echo() }, try Origin { $0.echo() })
        let martlet = try MartletInstance(
            sites: site("pods"),
            more: "backends: { pods: { discovery: { file: \"servers.txt\" } } }"
        ) { folder, _ in try folder.write("\(first.address)\n", to: "servers.txt") }
        #expect(try martlet.request("/").status == 200)
        // In place, with mistakes.
        for (index, text) in ["\(second.address)\nnonsense x\n", "", "# \(second.address)"]
            .enumerated()
        {
            try martlet.folder.write(text, to: "next")
            try FileManager.default.removeItem(atPath: martlet.folder.path("servers.txt"))
            try FileManager.default.moveItem(
                atPath: martlet.folder.path("next"), toPath: martlet.folder.path("servers.txt"))
            let line = try martlet.process.errors.wait(
                for: " upstream.file_rejected ", count: index + 1, atMost: 60)
            #expect(line.contains("servers.txt:\(index == 0 ? 2 : 1):1: error: "), "\(line)")
        }
        #expect(try martlet.request("/").status == 200)
        #expect(second.connectionCount == 0)
        try martlet.folder.write("\(second.address)\n", to: "servers.txt")
        try martlet.process.errors.wait(for: " upstream.servers_changed ", atMost: 60)
        #expect(try martlet.request("/").status == 200)
        #expect(second.connectionCount == 1)
        // By a link that points elsewhere.
        try martlet.folder.write("\(first.address)\n", to: "other.txt")
        let path = martlet.folder.path("servers.txt")
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createSymbolicLink(
            atPath: path, withDestinationPath: martlet.folder.path("other.txt"))
        try martlet.process.errors.wait(for: " upstream.servers_changed ", count: 2, atMost: 60)
        let before = first.connectionCount
        #expect(try martlet.request("/").status == 200)
        #expect(first.connectionCount == before + 1)
    }

    @Test("Where one address of a name is a black hole, another serves all the same")
    func happyEyeballs() throws {
        let names = try NameServer()
        defer { names.stop() }
        let origin = try Origin { $0.echo() }
        let hole = try Blackhole(
            at: .ipv4(DiscoveryTests.second, port: origin.address.port ?? 0))
        names.set("api.example", ttl: 60, addresses: "127.0.0.2", "127.0.0.1")
        let martlet = try MartletInstance(
            sites: site("\"http://api.example:\(hole.address.port ?? 0)\""),
            more: "timeouts: { upstream_connect: 10m }\n" + dns(names.address), keeping: origin)
        for _ in 0..<6 { #expect(try martlet.request("/").status == 200) }
    }

    @Test("A check says which name nobody has, and is not worried by silence")
    func check() throws {
        let names = try NameServer()
        defer { names.stop() }
        let folder = try TemporaryFolder()
        func check() throws -> (code: Int32, errors: String) {
            try folder.write(
                """
                listeners: [{ address: "127.0.0.1:0", tls: false }]
                sites: [{ hosts: a.example, backend: "http://api.example:80" }]
                dns: { servers: "\(names.address)" }
                """, to: "m.yaml")
            let result = try RunningProcess.run(
                MartletInstance.binary, ["check", "--config", folder.path("m.yaml")])
            return (result.code, result.errors + result.output)
        }
        let missing = try check()
        #expect(missing.code == 1)
        #expect(missing.errors.contains("m.yaml:2:38: error: server"), "\(missing.errors)")
        #expect(missing.errors.contains("there is no such name"), "\(missing.errors)")
        names.set("api.example", "A", .failure)
        names.set("api.example", "AAAA", .failure)
        let silent = try check()
        #expect(silent.code == 0)
        #expect(silent.errors.contains("no name server could tell"), "\(silent.errors)")
        names.set("api.example", addresses: "127.0.0.1")
        names.set("api.example", "AAAA", .records([]))
        #expect(try check().code == 0)
    }
}
