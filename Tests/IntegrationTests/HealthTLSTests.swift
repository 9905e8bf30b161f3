import Foundation
import TLS
import TestSupport
import Testing

/// Checks of servers that want TLS and the PROXY protocol.
@Suite struct HealthTLSTests {
    private static func series(_ nginx: Nginx, _ result: String) -> String {
        "martlet_health_checks_total{backend=\"api\",server=\"\(nginx.address)\","
            + "result=\"\(result)\"}"
    }

    @Test(
        "A check speaks what requests speak, and trusts whom they trust",
        arguments: [
            (" ssl", "tls: { CA }", "body: here"),
            (" ssl proxy_protocol", "tls: { CA }, proxy_protocol: v2", "body: here"),
            (" ssl proxy_protocol", "tls: { CA }, proxy_protocol: v1", "body: here"),
            (" proxy_protocol", "proxy_protocol: v2", "body: here"),
            (" ssl http2", "tls: { CA }, protocol: h2", "type: tcp"),
            (" ssl http2", "tls: { CA }, protocol: h2", "body: here"),
            (" http2", "protocol: h2c", "body: here"),
        ])
    func passes(listen: String, keys: String, check: String) throws {
        let folder = try TemporaryFolder()
        let authority = try TestAuthority()
        try TestAuthority.write(try authority.issue("files.test"), as: "server", in: folder)
        let isTLS = listen.contains("ssl")
        let nginx = try Nginx(in: folder, listen: listen, tls: isTLS ? "server" : nil)
        try folder.write("here", to: "www/index.html")
        let trusted = keys.replacingOccurrences(
            of: "CA", with: "ca: a.pem, server_name: files.test")
        let martlet = try HealthTLSTests.start(nginx, trusted, check, authority)
        try martlet.wait(metric: HealthTLSTests.series(nginx, "passed")) { $0 > 3 }
        #expect(!martlet.process.errors.text.contains("server_down"))
        guard isTLS else { return }
        let others = keys.replacingOccurrences(of: "CA", with: "server_name: files.test")
        let stranger = try HealthTLSTests.start(nginx, others, check, authority)
        let line = try stranger.process.errors.wait(for: " upstream.server_down ")
        #expect(line.contains("the TLS handshake failed: unknown authority"), "\(line)")
        try stranger.wait(metric: HealthTLSTests.series(nginx, "handshake")) { $0 > 0 }
    }

    private static func start(
        _ nginx: Nginx, _ keys: String, _ check: String, _ authority: TestAuthority
    ) throws -> MartletInstance {
        let servers = "servers: \"\(nginx.address)\""
        return try MartletInstance(
            sites: HealthTests.site,
            more:
                "backends: { api: { \(servers), \(keys), health: { \(check), interval: 100ms } } }"
        ) { folder, _ in
            try folder.write(
                String(decoding: authority.pair.certificate, as: UTF8.self), to: "a.pem")
        }
    }
}
