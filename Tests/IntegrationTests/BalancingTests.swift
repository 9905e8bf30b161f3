import Foundation
import Platform
import TestSupport
import Testing

/// How requests are spread over servers, as those see it.
@Suite struct BalancingTests {
    private let backends: LetteredBackends

    init() throws { backends = try LetteredBackends() }

    @Test("Servers take turns by their weights", arguments: ["--http1.1", "--http2"])
    func roundRobin(version: String) throws {
        let martlet = try backends.start(
            "balance: round_robin", extras: [", weight: 3", "", ", weight: 1"])
        #expect(try martlet.letters(10, version) == "abacaabaca")
        let series = "martlet_upstream_requests_total{backend=\"api\",server="
        #expect(try martlet.metric(series + "\"\(backends.address(0))\"}") == 6)
        #expect(try martlet.metric(series + "\"\(backends.address(1))\"}") == 2)
    }

    @Test("Servers of HTTP/2 take turns, too", arguments: ["--http1.1", "--http2"])
    func streams(version: String) throws {
        let servers = try ["a", "b", "c"].map { letter in
            let folder = try TemporaryFolder()
            let nginx = try Nginx(in: folder, isHTTP2: true)
            try folder.write(letter, to: "www/index.html")
            return (folder, nginx)
        }
        let martlet = try LetteredBackends.start(
            servers.map(\.1.address), "protocol: h2c", ["", ", weight: 2", ""])
        #expect(try martlet.letters(8, version) == "bacbbacb")
    }

    @Test("Backups are asked only while no other server takes connections")
    func backup() throws {
        let closed = try SocketAddress.vacant()
        let second = try SocketAddress.vacant()
        let martlet = try LetteredBackends.start(
            [backends.origins[0].address, closed, second], "balance: least_connections",
            [", backup: true", "", ""])
        #expect(try martlet.letters(5) == "aaaaa")
        let better = try backends.start("", extras: [", backup: true", "", ""])
        #expect(try better.letters(6) == "bcbcbc")
    }

    @Test("A server that has requests under way gets no more while others have fewer")
    func leastConnections() throws {
        let martlet = try backends.start("balance: least_connections")
        var held = [try backends.hold(martlet), try backends.hold(martlet)]
        let (one, two) = (held[0].index, held[1].index)
        #expect(one != two)
        let free = ["a", "b", "c"][3 - one - two]
        #expect(try martlet.letters(6, "--http2") == String(repeating: free, count: 6))
        held = []
        for index in [one, two] {
            try martlet.wait(
                metric: "martlet_upstream_connections_active{backend=\"api\","
                    + "server=\"\(backends.address(index))\"}"
            ) { $0 == 0 }
        }
        #expect(Set(try martlet.letters(6)).count == 3)
    }

    @Test("Of two choices a server with much to do is never the one")
    func powerOfTwo() throws {
        let martlet = try backends.start("balance: power_of_two")
        // Nothing is answered, so that requests under way are all that is known.
        var held: [Peer] = []
        var counts = [0, 0, 0]
        for _ in 0..<9 {
            let (peer, index) = try backends.hold(martlet)
            held.append(peer)
            counts[index] += 1
        }
        for count in counts { #expect((1...5).contains(count)) }
    }

    @Test(
        "Requests of one key go to one server",
        arguments: [
            ("{ hash: header, name: X-User }", "x-user: "),
            ("{ hash: cookie, name: session }", "cookie: other=1; session="),
        ])
    func hash(balance: String, field: String) throws {
        let martlet = try backends.start("balance: \(balance)", workers: 2)
        var owners: [String: String] = [:]
        for version in ["--http1.1", "--http2"] {
            for user in 0..<12 {
                let letters = try martlet.letters(3, version, "-H", "\(field)user\(user)")
                let owner = String(letters.prefix(1))
                #expect(letters == owner + owner + owner)
                let before = owners.updateValue(owner, forKey: "\(user)")
                #expect(before == nil || before == owner)
            }
        }
        #expect(Set(owners.values).count > 1)
        #expect(Set(try martlet.letters(9)).count == 3)
        // A server that leaves takes nobody's server away but its own clients'.
        #expect(try martlet.command("drain", backends.address(1)).status == 200)
        for user in 0..<12 {
            let owner = try martlet.letters(1, "-H", "\(field)user\(user)")
            #expect(owners["\(user)"] == "b" ? owner != "b" : owner == owners["\(user)"])
        }
    }

    @Test("One client's address has one server")
    func clientAddress() throws {
        let martlet = try backends.start("balance: { hash: client_address }", workers: 2)
        var owners: Set<String> = []
        for host in 1...12 {
            let letters = try martlet.letters(3, "--interface", "127.0.0.\(host)")
            #expect(Set(letters).count == 1)
            owners.insert(String(letters.prefix(1)))
        }
        #expect(owners.count > 1)
    }
}
