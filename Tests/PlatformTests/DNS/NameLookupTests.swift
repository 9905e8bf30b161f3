import TestSupport
import Testing

@testable import Platform

@Suite(.serialized)
struct NameLookupTests {
    private let server: NameServer
    private let lookup: NameLookup

    init() throws {
        server = try NameServer()
        lookup = NameLookup(servers: [server.address], hostsFile: "/dev/null")
    }

    private func addresses(_ name: String) throws -> NameLookup.Answer<SocketAddress> {
        defer { server.stop() }
        return try lookup.addresses(of: name)
    }

    @Test("All addresses of a name count once, for the shortest time that any record holds")
    func all() throws {
        server.set(
            "a.example", "A",
            .records([
                .alias("b.example", ttl: 20), .ipv4("127.0.0.1", ttl: 30),
                .ipv4("127.0.0.2", ttl: 60), .ipv4("127.0.0.1", ttl: 30),
            ]))
        #expect(
            try addresses("a.example")
                == .init(
                    [.ipv4(0x7f00_0001, port: 0), .ipv4(0x7f00_0002, port: 0)], ttl: 20))
    }

    @Test("An answer that has no room in a datagram comes by TCP")
    func truncated() throws {
        let many = (1...250).map { DNSWire.Record.ipv4("127.0.0.\($0)", ttl: 9) }
        server.set("a.example", "A", .truncated(many))
        let answer = try addresses("a.example")
        #expect(answer.found.count == 250)
        #expect(answer.ttl == 9)
    }

    @Test("A name without addresses, and one that nobody has, are not found")
    func notFound() throws {
        server.set("a.example", "SRV", .records([]))
        #expect(throws: LookupError.notFound) { try lookup.addresses(of: "a.example") }
        #expect(throws: LookupError.notFound) { try lookup.addresses(of: "b.example") }
        #expect(throws: LookupError.notFound) { try lookup.services(of: "a.example") }
        server.stop()
    }

    @Test("A server that cannot tell is told apart from one that is silent")
    func failures() throws {
        server.set("a.example", "A", .failure)
        #expect(throws: LookupError.failed) { try lookup.addresses(of: "a.example") }
        server.set("b.example", "A", .silence)
        #expect(throws: LookupError.timeout) { try lookup.addresses(of: "b.example") }
        server.set("c.example", "A", .garbage([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 2, 1, 1]))
        #expect(throws: LookupError.malformed) { try lookup.addresses(of: "c.example") }
        server.stop()
    }

    @Test("What one family says counts although nobody could tell of the other")
    func partial() throws {
        server.set("a.example", ttl: 7, addresses: "127.0.0.1")
        server.set("a.example", "AAAA", .failure)
        let answer = try addresses("a.example")
        #expect(answer == .init([.ipv4(0x7f00_0001, port: 0)], ttl: 7, isPartial: true))
    }

    @Test("Services come with their ports; a dot says that there is none")
    func services() throws {
        server.set(
            "_http._tcp.example", "SRV",
            .records([
                .service(1, 5, 80, "a.example", ttl: 40), .service(2, 0, 81, "b.example", ttl: 30),
                .service(0, 0, 0, "", ttl: 90),
            ]))
        let answer = try lookup.services(of: "_http._tcp.example")
        #expect(answer.ttl == 30)
        #expect(
            answer.found == [
                DNSService(priority: 1, weight: 5, port: 80, target: "a.example"),
                DNSService(priority: 2, weight: 0, port: 81, target: "b.example"),
            ])
        server.set("_x._tcp.example", "SRV", .records([.service(0, 0, 0, "", ttl: 90)]))
        #expect(throws: LookupError.notFound) { try lookup.services(of: "_x._tcp.example") }
        server.stop()
    }

    @Test("What /etc/hosts says comes first, and nobody says for how long it holds")
    func hosts() throws {
        let folder = try TestSupport.TemporaryFolder()
        let path = try folder.write("127.0.0.9 a.example\n", to: "hosts")
        let lookup = NameLookup(servers: [server.address], hostsFile: path)
        #expect(
            try lookup.addresses(of: "a.example") == .init([.ipv4(0x7f00_0009, port: 0)], ttl: nil))
        #expect(server.count("a.example", "A") == 0)
        server.stop()
    }

    @Test("Where this machine has no route to an address it is left out, unless it is the only one")
    func routes() throws {
        let loopback = SocketAddress.ipv4(0x7f00_0001, port: 0)
        let nowhere = SocketAddress.ipv4(0xffff_ffff, port: 0)
        #expect(NameLookup.usable([nowhere, loopback]) == [loopback])
        #expect(NameLookup.usable([nowhere]) == [nowhere])
        server.stop()
    }

    @Test("Of very many addresses and services the first are used", arguments: [255, 256, 257])
    func bound(count: Int) throws {
        let addresses = (0..<count).map {
            DNSWire.Record.ipv4("127.0.\($0 / 250).\(1 + $0 % 250)", ttl: 9)
        }
        server.set("a.example", "A", .truncated(addresses))
        let services = (0..<count).map {
            DNSWire.Record.service(1, 1, UInt16($0 + 1), "a.example", ttl: 9)
        }
        server.set("_s._tcp.example", "SRV", .truncated(services))
        let used = min(count, NameLookup.mostFound)
        #expect(try lookup.addresses(of: "a.example").found.count == used)
        #expect(try lookup.services(of: "_s._tcp.example").found.count == used)
        server.stop()
    }

    @Test("A name that ends in a dot is the same name, in /etc/hosts as well")
    func absolute() throws {
        let folder = try TestSupport.TemporaryFolder()
        let path = try folder.write("127.0.0.9 b.example\n", to: "hosts")
        server.set("a.example", ttl: 7, addresses: "127.0.0.1")
        let lookup = NameLookup(servers: [server.address], hostsFile: path)
        #expect(try lookup.addresses(of: "a.example.").found == [.ipv4(0x7f00_0001, port: 0)])
        #expect(try lookup.addresses(of: "b.example.").found == [.ipv4(0x7f00_0009, port: 0)])
        server.stop()
    }
}
