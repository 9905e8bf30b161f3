import Foundation
import Platform
import TestSupport
import Testing

/// PostgreSQL behind a TCP site: clients speak TLS from the first byte.
@Suite struct PostgreSQLTests {
    private let server: PostgreSQLServer
    private let origin: Origin
    private let martlet: MartletInstance

    init() throws {
        server = try PostgreSQLServer()
        origin = try Origin { $0.echo() }
        martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address) + "\n"
                + TCPFixture.site(server.address, more: "    alpn: [postgresql]\n"),
            keeping: origin)
    }

    @Test(
        "Clients that offer `postgresql` have whole answers, and copies of some MiB either way",
        arguments: ["queries", "copy", "sessions"])
    func direct(scenario: String) throws {
        try Script.run("postgres", scenario, martlet)
        try TCPFixture.wait(martlet, "completed", scenario == "sessions" ? 20 : 1)
        // Who offers something else, or nothing, is at the site of HTTP.
        #expect(try martlet.curl("%/").output.contains("GET / HTTP/1.1"))
    }

    /// haproxy plays the side that speaks TLS, which psql learned with version 17.
    @Test("psql has its queries and copies")
    func psql() throws {
        let folder = martlet.folder
        let address = try SocketAddress.vacant()
        let haproxy = try ProxyProtocolTests.haproxy(
            folder,
            """
            listen database
                mode tcp
                bind \(address)
                server a \(martlet.address) ssl alpn postgresql sni str(localhost) \
                    verify required ca-file \(folder.path("ca.pem"))
            """, at: address)
        let lines = (0..<300_000).map { "\($0)\tbird \($0)\n" }.joined()
        try folder.write(lines, to: "birds.txt")
        let commands = [
            "SELECT 41 + 1", "CREATE TABLE birds (number int, text text)",
            "\\copy birds from '\(folder.path("birds.txt"))'",
            "SELECT sum(number) FROM birds",
            "\\copy (SELECT * FROM birds ORDER BY number) to '\(folder.path("copy.txt"))'",
        ]
        let psql = try RunningProcess.run(
            "psql",
            ["-X", "-A", "-t", "-v", "ON_ERROR_STOP=1"] + commands.flatMap { ["-c", $0] }
                + ["host=127.0.0.1 port=\(address.port ?? 0) user=postgres sslmode=disable"],
            atMost: 120)
        #expect(psql.code == 0, "\(psql)")
        #expect(
            psql.output == "42\nCREATE TABLE\nCOPY 300000\n44999850000\nCOPY 300000", "\(psql)")
        #expect(try folder.read("copy.txt") == lines)
        haproxy.signal(SIGTERM)
    }
}
