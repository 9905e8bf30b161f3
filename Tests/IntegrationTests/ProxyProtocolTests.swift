import Foundation
import Platform
import TestSupport
import Testing

/// The PROXY protocol with those who have invented it.
@Suite struct ProxyProtocolTests {
    private static let listener = """
          - { address: "127.0.0.1:0", proxy_protocol: { from: ["127.0.0.1"] } }
          - { address: "127.0.0.1:0", tls: false, proxy_protocol: { from: ["127.0.0.1"] } }

        """

    private static func haproxy(
        _ folder: TemporaryFolder, _ text: String, at address: SocketAddress
    ) throws -> RunningProcess {
        try folder.write(
            """
            defaults
                timeout client 30s
                timeout server 30s
                timeout connect 5s
            \(text)

            """, to: "haproxy.cfg")
        let process = try RunningProcess("haproxy", ["-db", "-f", folder.path("haproxy.cfg")])
        let deadline = Date().addingTimeInterval(20)
        while (try? Peer(address)) == nil {
            guard Date() < deadline else { throw TestFailure("haproxy: \(process.errors.text)") }
        }
        return process
    }

    @Test(
        "haproxy in front names the client, to a TLS listener and a plain one",
        arguments: ["send-proxy", "send-proxy-v2", "send-proxy-v2-ssl-cn"])
    func inFront(form: String) throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), listeners: ProxyProtocolTests.listener,
            keeping: origin)
        let folder = try TemporaryFolder()
        let (tls, plain) = (try Nginx.freePort(), try Nginx.freePort())
        let haproxy = try ProxyProtocolTests.haproxy(
            folder,
            """
            listen tls
                mode tcp
                bind 127.0.0.1:\(tls)
                server a \(martlet.listeners[0]) \(form)
            listen plain
                mode tcp
                bind 127.0.0.1:\(plain)
                server a \(martlet.listeners[1]) \(form)
            """, at: .ipv4(0x7f00_0001, port: plain))
        for url in ["https://localhost:\(tls)/", "http://localhost:\(plain)/"] {
            let result = try martlet.curl("--interface", "127.0.0.9", url)
            #expect(result.output.contains("X-Forwarded-For: 127.0.0.9\r\n"), "\(result.errors)")
        }
        haproxy.signal(SIGTERM)
    }

    @Test("curl sends the header itself")
    func curl() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), listeners: ProxyProtocolTests.listener,
            keeping: origin)
        let good = try martlet.curl("--haproxy-protocol", "%/")
        #expect(good.output.contains("X-Forwarded-For: 127.0.0.1\r\n"), "\(good.errors)")
        #expect(try martlet.curl("%/").code != 0)
        try martlet.process.errors.wait(for: " proxy_protocol.refused ")
        let stranger = try martlet.curl("--haproxy-protocol", "--interface", "127.0.0.9", "%/")
        #expect(stranger.code != 0)
        try martlet.process.errors.wait(for: "not a trusted proxy")
    }

    @Test("haproxy behind learns the client and the host that it asked for")
    func behind() throws {
        let folder = try TemporaryFolder()
        let address = SocketAddress.ipv4(0x7f00_0001, port: try Nginx.freePort())
        let haproxy = try ProxyProtocolTests.haproxy(
            folder,
            """
            frontend echo
                mode http
                bind \(address) accept-proxy
                http-request return status 200 content-type text/plain lf-string \
                    "%[src] %[dst_port] %[fc_pp_authority]"
            """, at: address)
        for version in ["v1", "v2"] {
            let martlet = try MartletInstance(
                sites: """
                      - hosts: [localhost]
                        certificates: [{ chain: cert.pem, key: cert.key }]
                        backend: echo
                    """,
                more: "backends: { echo: { servers: \"\(address)\", proxy_protocol: \(version) } }")
            let result = try martlet.curl("--interface", "127.0.0.9", "%/")
            let start = "127.0.0.9 \(martlet.port) "
            #expect(result.output.hasPrefix(start), "\(result.output) \(result.errors)")
            if version == "v2" {
                #expect(result.output.hasPrefix(start + "localhost"), "\(result.output)")
            }
        }
        haproxy.signal(SIGTERM)
    }
}
