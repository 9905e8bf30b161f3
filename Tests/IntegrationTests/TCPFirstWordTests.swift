import Platform
import TestSupport
import Testing

/// Servers that speak first, and want to be told who their client is.
@Suite struct TCPFirstWordTests {
    @Test(
        "The header of the PROXY protocol reaches a server whose client waits for a greeting",
        arguments: [true, false])
    func greeting(isTLS: Bool) throws {
        let origin = try Origin { connection in
            connection.send("220 ready\r\n")
            let line = connection.read(until: "\r\n")
            connection.send("250 \(line)")
            _ = connection.readToEnd()
        }
        let martlet = try MartletInstance(
            sites: """
                  - hosts: ["localhost"]
                    protocol: tcp
                    certificates: [{ chain: "cert.pem", key: "cert.key" }]
                    backend: two
                """,
            listeners: MartletInstance.tlsListener
                + "  - { address: \"127.0.0.1:0\", tls: false, backend: one }\n",
            more: """
                backends:
                  one: { servers: ["\(origin.address)"], proxy_protocol: v1 }
                  two: { servers: ["\(origin.address)"], proxy_protocol: v1 }
                """, keeping: origin)
        let peer = try isTLS ? martlet.connect() : Peer(martlet.listeners[1])
        #expect(try TCPFixture.read(11, from: peer) == "220 ready\r\n")
        #expect(try peer.until("\r\n").hasPrefix("250 PROXY TCP4 127.0.0.1 127.0.0.1 "))
        try peer.finish()
        #expect(try peer.receiveAll() == "")
        #expect(peer.isCleanlyClosed)
    }
}
