import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// Servers of HTTP/2 whose name has an address that never takes a connection.
@Suite struct HappyEyeballsTests {
    /// Where nobody answers.
    private static let silent: UInt32 = 0x7f00_0002

    private func start(
        _ folder: TemporaryFolder, _ names: NameServer, version: String
    ) throws -> (MartletInstance, Nginx) {
        let authority = try TestAuthority()
        try TestAuthority.write(try authority.issue("api.example"), as: "server", in: folder)
        let isTLS = version == "h2"
        let nginx = try Nginx(
            in: folder, listen: isTLS ? " ssl http2" : " http2", tls: isTLS ? "server" : nil)
        try Data("served".utf8).write(to: URL(fileURLWithPath: folder.path("www/file")))
        let port = nginx.address.port ?? 0
        let tls = isTLS ? ", tls: { ca: a.pem }" : ""
        let martlet = try MartletInstance(
            sites: MartletInstance.site(named: "api"),
            more: """
                backends:
                  api: { servers: "api.example:\(port)", protocol: \(version)\(tls) }
                timeouts: { upstream_connect: 10m }
                dns: { servers: "\(names.address)" }
                """
        ) { folder, _ in
            try folder.write(
                String(decoding: authority.pair.certificate, as: UTF8.self), to: "a.pem")
        }
        return (martlet, nginx)
    }

    @Test(
        "All requests that wait for it are served by another address",
        arguments: [("h2c", false), ("h2", false), ("h2", true)])
    func burst(version: String, takesConnections: Bool) throws {
        let names = try NameServer()
        defer { names.stop() }
        names.set("api.example", ttl: 60, addresses: "127.0.0.2", "127.0.0.1")
        let folder = try TemporaryFolder()
        let (martlet, nginx) = try start(folder, names, version: version)
        let address = SocketAddress.ipv4(
            HappyEyeballsTests.silent, port: nginx.address.port ?? 0)
        let hole = takesConnections ? nil : try Blackhole(at: address)
        // This one takes them, and never shakes hands.
        let mute =
            takesConnections ? try Origin(at: address) { _ = $0.readToEnd() } : nil
        for protocols in ["h2", "http/1.1"] {
            let result = try RunningProcess.run(
                "h2load",
                [
                    "--npn-list=\(protocols)", "-n", "400", "-c", "20", "-m", "10",
                    "https://localhost:\(martlet.port)/file",
                ])
            #expect(
                result.output.contains("400 succeeded, 0 failed, 0 errored, 0 timeout"),
                "\(result.output) \(result.errors)")
        }
        withExtendedLifetime((nginx, hole, mute)) {}
    }

    /// Whether the last attempt was with the silent one (504) or the other (503) is chance.
    @Test("Where the other address refuses, the silent one has its time, and then clients an error")
    func nobody() throws {
        let names = try NameServer()
        defer { names.stop() }
        names.set("api.example", ttl: 60, addresses: "127.0.0.2", "127.0.0.1")
        // Nobody has this port at the other address.
        let port = try SocketAddress.vacantPort()
        let hole = try Blackhole(at: .ipv4(HappyEyeballsTests.silent, port: port))
        let martlet = try MartletInstance(
            sites: MartletInstance.site(named: "api"),
            more: """
                backends:
                  api: { servers: "api.example:\(port)", protocol: h2c }
                timeouts: { upstream_connect: 1s }
                dns: { servers: "\(names.address)" }
                """)
        let replies = try (0..<4).map { _ in
            try RunningProcess(
                "curl",
                [
                    "-sk", "-o", "/dev/null", "-w", "%{http_code}",
                    "https://localhost:\(martlet.port)/",
                ])
        }
        for reply in replies {
            #expect(try reply.wait(atMost: 60) == 0)
            #expect(["503", "504"].contains(reply.output.text), "\(reply.output.text)")
            // Before the first of them has its answer, both addresses have failed.
            for (server, reason) in [("", "connect_timeout"), ("#2", "connect")] {
                let failures = "martlet_upstream_failures_total{backend=\"api\",server=\""
                let series = "\(failures)api.example:\(port)\(server)\",reason=\"\(reason)\"}"
                #expect(try martlet.metric(series) >= 1, "\(series)")
            }
        }
        withExtendedLifetime(hole) {}
    }
}
