import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// The PROXY protocol with those who have invented it.
@Suite struct ProxyProtocolTests {
    private static let listener = """
          - { address: "127.0.0.1:0", proxy_protocol: { from: ["127.0.0.1"] } }
          - { address: "127.0.0.1:0", tls: false, proxy_protocol: { from: ["127.0.0.1"] } }

        """

    static func haproxy(
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
        let (tls, plain) = (try SocketAddress.vacantPort(), try SocketAddress.vacantPort())
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

    @Test(
        "What haproxy in front says of a client goes on to servers, over HTTP and TCP",
        arguments: ["v2", "v2_certificate"])
    func toldOn(version: String) throws {
        let martlet = try ProxyProtocolTests.telling(version)
        let ports = try (0..<3).map { _ in try SocketAddress.vacantPort() }
        let haproxy = try ProxyProtocolTests.teller(martlet, ports)
        for port in ports[..<2] {
            let result = try martlet.curl("https://localhost:\(port)/")
            let isFirst = port == ports[0]
            for part in ["0x05=bird-", "0x02=localhost;", "0x03=4;", "0x21=TLSv1.3;"] {
                #expect(result.output.contains(part), "\(part) \(result)")
            }
            // Of TLS that ends here our own certificate is told of, and only where that is wanted.
            let isTold = !isFirst || version == "v2_certificate"
            let shown = isFirst ? "0x25=EC256;" : "0x25=RSA2048;"
            #expect(result.output.contains(shown) == isTold, "\(result)")
            #expect(result.output.contains("0x24=ecdsa-with-SHA256;") == isTold, "\(result)")
            #expect(!isFirst || !result.output.contains("RSA2048"), "\(result)")
            #expect(result.output.contains("0x01=http/1.1;") == !isFirst, "\(result)")
            #expect(result.output.components(separatedBy: "0x03=").count == 2, "\(result)")
        }
        let peer = try Peer(
            .ipv4(0x7f00_0001, port: ports[2]),
            tls: try TLSClientContext(trusted: martlet.authority.pair.certificate),
            serverName: "localhost")
        try peer.send("birds\r\n\r\n")
        let text = try ProxyProtocolTests.line(from: peer)
        for part in ["0x05=bird-", "0x25=RSA2048;", "0x21=TLSv1.3;", "0x02=localhost;", "0x03=4;"] {
            #expect(text.contains(part), "\(part) \(text)")
        }
        haproxy.signal(SIGTERM)
    }

    /// An instance with listeners for TLS, HTTP and TCP behind trusted proxies; its server answers
    /// with what its connections began with.
    private static func telling(_ version: String) throws -> MartletInstance {
        let origin = try Origin { connection in
            let header = connection.read(bytes: 16)
            let rest = connection.read(bytes: Int(header[14]) << 8 | Int(header[15]))
            let text = ProxyProtocolTests.describe(rest)
            // An HTTP client has to have its answer, and one of TCP takes it as it is.
            while let head = connection.readHead() {
                let status = "HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n"
                connection.send((head.hasPrefix("GET") ? status : "") + text)
            }
        }
        return try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    certificates: [{ chain: "cert.pem", key: "cert.key" }]
                    backend: told

                """,
            listeners: ProxyProtocolTests.listener + """
                  - address: "127.0.0.1:0"
                    tls: false
                    backend: told
                    proxy_protocol: { from: ["127.0.0.1"] }

                """,
            more: """
                backends:
                  told: { servers: ["\(origin.address)"], proxy_protocol: \(version) }
                """, keeping: origin)
    }

    /// haproxy in front of each listener, which ends TLS with a key of RSA; to the first it speaks
    /// TLS behind the header, so that this is what servers are told of.
    private static func teller(
        _ martlet: MartletInstance, _ ports: [UInt16]
    ) throws -> RunningProcess {
        let folder = martlet.folder
        let pair = try martlet.authority.issue("localhost", algorithm: .rsa)
        try folder.write(String(decoding: pair.certificate + pair.key, as: UTF8.self), to: "ha.pem")
        let options =
            "send-proxy-v2 proxy-v2-options ssl,cert-sig,cert-key,ssl-cipher,authority,"
            + "unique-id,crc32c"
        let sealed = ["ssl verify none sni str(localhost)", "", ""]
        let sections = ports.indices.map { index in
            """
            listen l\(index)
                mode tcp
                unique-id-format bird-%pid
                bind 127.0.0.1:\(ports[index]) ssl crt \(folder.path("ha.pem")) alpn http/1.1
                server a \(martlet.listeners[index]) \(options) \(sealed[index])
            """
        }
        return try haproxy(
            folder, sections.joined(separator: "\n"), at: .ipv4(0x7f00_0001, port: ports[2]))
    }

    /// Reads to the end of a line.
    private static func line(from peer: Peer) throws -> String {
        var text = ""
        while !text.hasSuffix("\n") { text += try TCPFixture.read(1, from: peer) }
        return text
    }

    /// The values behind IPv4 addresses, as `0x01=h2;`, those of TLS among them.
    private static func describe(_ bytes: [UInt8]) -> String {
        var text = ""
        var rest = bytes.dropFirst(12)
        while rest.count >= 3 {
            let start = rest.startIndex
            let code = rest[start]
            let count = Int(rest[start + 1]) << 8 | Int(rest[start + 2])
            if code == 0x20 {
                // Its values are like those around it.
                rest = rest.dropFirst(3 + 5)
                continue
            }
            let value = rest.dropFirst(3).prefix(count)
            let name = String(code, radix: 16)
            text += "0x\(name.count < 2 ? "0" : "")\(name)="
            text += code == 3 ? "\(count)" : String(decoding: value, as: UTF8.self)
            text += ";"
            rest = rest.dropFirst(3 + count)
        }
        return text + "\n"
    }

    @Test("haproxy behind learns the client and the host that it asked for")
    func behind() throws {
        let folder = try TemporaryFolder()
        let address = try SocketAddress.vacant()
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
                sites: MartletInstance.site(named: "echo"),
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
