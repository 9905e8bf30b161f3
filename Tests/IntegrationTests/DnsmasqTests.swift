import Foundation
import Platform
import TestSupport
import Testing

/// A name server as networks have it.
@Suite(.serialized)
struct DnsmasqTests {
    private static let isThere = ["/usr/sbin/dnsmasq", "/usr/bin/dnsmasq"].contains {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    @Test(
        "Names and SRV records of dnsmasq are followed",
        .enabled(if: DnsmasqTests.isThere, "needs dnsmasq-base"))
    func dnsmasq() throws {
        let origin = try Origin { $0.echo() }
        let port = origin.address.port ?? 0
        let folder = try TemporaryFolder()
        try folder.write("127.0.0.9 api.example\n", to: "hosts")
        let dnsPort = try SocketAddress.vacantPort()
        let server = try RunningProcess(
            "dnsmasq",
            [
                "--keep-in-foreground", "--log-facility=-", "--conf-file=/dev/null",
                "--port=\(dnsPort)", "--listen-address=127.0.0.1", "--bind-interfaces",
                "--no-resolv", "--no-hosts", "--user=\(NSUserName())", "--pid-file=",
                "--addn-hosts=\(folder.path("hosts"))", "--local-ttl=1",
                "--host-record=pod.example,127.0.0.1",
                "--srv-host=_http._tcp.api.example,pod.example,\(port),0,5",
            ])
        try server.errors.wait(for: "read ", atMost: 60)
        let site = """
              - hosts: ["localhost"]
                certificates: [{ chain: "cert.pem", key: "cert.key" }]
                routes:
                  - { path: "/pods", backend: pods }
                  - { path: "/", backend: "http://api.example:\(port)" }
            """
        let martlet = try MartletInstance(
            sites: site,
            more: """
                dns: { servers: "127.0.0.1:\(dnsPort)" }
                backends: { pods: { discovery: { srv: _http._tcp.api.example } } }
                """, keeping: origin)
        #expect(try martlet.request("/pods").status == 200)
        #expect(try martlet.request("/").status == 503)
        try folder.write("127.0.0.1 api.example\n", to: "hosts")
        server.signal(SIGHUP)
        let line = try martlet.process.errors.wait(for: " upstream.servers_changed ", atMost: 60)
        #expect(line.contains("added=127.0.0.1:\(port) removed=127.0.0.9:\(port)"), "\(line)")
        #expect(try martlet.request("/").status == 200)
        server.signal(SIGTERM)
        _ = try server.wait(atMost: 30)
    }
}
