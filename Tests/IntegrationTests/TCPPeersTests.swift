import Bytes
import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// TCP sites in front of the servers that people have.
@Suite struct TCPPeersTests {
    /// A process that listens on a port, once it does.
    private static func serve(
        _ program: String, _ arguments: (UInt16) -> [String]
    ) throws -> (process: RunningProcess, address: SocketAddress) {
        let port = try SocketAddress.vacantPort()
        let address = SocketAddress.ipv4(0x7f00_0001, port: port)
        let process = try RunningProcess(program, arguments(port))
        let deadline = Date().addingTimeInterval(20)
        while (try? Peer(address)) == nil {
            guard Date() < deadline else { throw TestFailure("\(program): \(process.errors.text)") }
        }
        return (process, address)
    }

    @Test("redis-cli speaks TLS to a Redis that has none, and Redis may be killed")
    func redis() throws {
        let folder = try TemporaryFolder()
        let (redis, address) = try TCPPeersTests.serve("redis-server") { port in
            ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", folder.path]
        }
        let martlet = try MartletInstance(sites: TCPFixture.site(address))
        let command = [
            "--tls", "--cacert", martlet.folder.path("ca.pem"), "--sni", "localhost", "-h",
            "127.0.0.1", "-p", "\(martlet.port)",
        ]
        let set = try RunningProcess.run(
            "redis-cli", command + ["set", "key", "value"], atMost: 60)
        #expect(set.output.contains("OK"), "\(set)")
        let get = try RunningProcess.run(
            "redis-cli", command + ["-r", "500", "get", "key"], atMost: 60)
        #expect(get.output.components(separatedBy: "value").count == 501)
        let peer = try martlet.connect()
        try peer.send("PING\r\n")
        #expect(try TCPFixture.read(7, from: peer) == "+PONG\r\n")
        redis.signal(SIGKILL)
        #expect(try peer.receiveAll() == "")
        let late = try martlet.connect()
        _ = try? late.receiveAll()
        #expect(!late.isCleanlyClosed)
    }

    @Test("MQTT clients that offer `mqtt` reach mosquitto, beside HTTPS of the same name")
    func mosquitto() throws {
        let (broker, address) = try TCPPeersTests.serve("mosquitto") { ["-p", "\($0)"] }
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address) + "\n"
                + TCPFixture.site(address, more: "    alpn: [mqtt]\n"), keeping: origin)
        let command = [
            "-h", "localhost", "-p", "\(martlet.port)", "--cafile", martlet.folder.path("ca.pem"),
            "--tls-alpn", "mqtt", "-t", "birds",
        ]
        let sent = try RunningProcess.run(
            "mosquitto_pub", command + ["-r", "-q", "1", "-m", "martlet"], atMost: 60)
        #expect(sent.code == 0, "\(sent)")
        let got = try RunningProcess.run("mosquitto_sub", command + ["-C", "1"], atMost: 60)
        #expect(got.output == "martlet", "\(got)")
        #expect(try martlet.curl("%/").output.contains("GET / HTTP/1.1"))
        broker.signal(SIGTERM)
    }

    @Test("Servers are told who the client is, and what its TLS was")
    func proxyProtocol() throws {
        let origin = try Origin { connection in connection.send(connection.readAll().text) }
        let martlet = try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    protocol: tcp
                    alpn: [mqtt]
                    certificates: [{ chain: "cert.pem", key: "cert.key" }]
                    backend: two
                  - hosts: ["passed.test"]
                    protocol: passthrough
                    backend: two
                """,
            listeners: MartletInstance.tlsListener
                + "  - { address: \"127.0.0.1:0\", tls: false, backend: one }\n",
            more: """
                backends:
                  one: { servers: ["\(origin.address)"], proxy_protocol: v1 }
                  two: { servers: ["\(origin.address)"], proxy_protocol: v2 }
                """, keeping: origin)
        let plain = try Peer(martlet.listeners[1])
        try plain.send("hello")
        try plain.finish()
        let line = try plain.receiveAll()
        #expect(line.hasPrefix("PROXY TCP4 127.0.0.1 127.0.0.1 "))
        #expect(line.hasSuffix(" \(martlet.listeners[1].port ?? 0)\r\nhello"))
        let sealed = try martlet.connect(alpn: ["mqtt"])
        try sealed.send("hello")
        try sealed.finish()
        let header = try sealed.receiveAll()
        for part in ["\r\n\r\n\0\r\nQUIT\n", "mqtt", "localhost", "TLSv1.3"] {
            #expect(header.contains(part), "\(part)")
        }
        #expect(header.hasSuffix("hello"))
        // The header comes back in the place of a ServerHello, and the name is in it.
        let passed = try Peer(martlet.address)
        let hello = try TCPPeersTests.hello("passed.test")
        try passed.send(hello)
        try passed.finish()
        let answer = try passed.receiveAll()
        #expect(answer.components(separatedBy: "passed.test").count == 3)
    }

    /// A ClientHello.
    private static func hello(_ name: String) throws -> [UInt8] {
        let context = try TLSClientContext(trusted: try TestAuthority().pair.certificate)
        var session = try TLSClientSession(context: context, serverName: name)
        var output = ByteQueue()
        let nothing: [UInt8] = []
        _ = session.handshake(nothing.span, output: &output)
        return Array(copying: output.bytes)
    }

    @Test("A client needs the certificate that a TCP site asks for")
    func clientCertificates() throws {
        let authority = try ClientAuthority()
        let origin = try Origin { $0.send("in") }
        let martlet = try MartletInstance(
            sites: TCPFixture.site(
                origin.address,
                more: """
                        tls:
                          client_certificates:
                            { mode: required, ca: "clients.pem", allow: ["CN=alice"] }
                    """), keeping: origin
        ) { folder, _ in
            try folder.write(
                String(decoding: authority.certificate, as: UTF8.self), to: "clients.pem")
        }
        func peer(_ name: String?) throws -> Peer {
            let pair = try name.map { try authority.issue("/CN=\($0)") }
            let credential = try pair.map {
                try Credential(chainPEM: $0.certificate, keyPEM: $0.key)
            }
            let context = try TLSClientContext(
                trusted: martlet.authority.pair.certificate, credential: credential)
            return try Peer(martlet.address, tls: context, serverName: "localhost")
        }
        #expect(try peer("alice").receiveAll() == "in")
        let bob = try peer("bob")
        #expect((try? bob.receiveAll()) ?? "" == "")
        #expect(!bob.isCleanlyClosed)
        try TCPFixture.wait(martlet, "refused")
        let nobody = try? peer(nil)
        #expect((try? nobody?.receiveAll()) ?? "" == "")
    }
}
