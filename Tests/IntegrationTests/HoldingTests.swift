import Platform
import TestSupport
import Testing

/// Requests that wait for their server to be back.
@Suite struct HoldingTests {
    @Test("A backend that is started while requests wait for it serves them")
    func restart() throws {
        let server = try SocketAddress.vacant()
        let martlet = try MartletInstance(
            sites: """
                  - hosts: [localhost]
                    certificates: [{ chain: cert.pem, key: cert.key }]
                    backend: api
                """,
            more: """
                workers: 1
                backends: { api: { servers: ["\(server)"], retries: { wait: 1m } } }
                """)
        let peers = try ["GET", "POST", "PUT"].map { method in
            let peer = try martlet.connect()
            try peer.send(
                "\(method) / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody")
            return peer
        }
        try martlet.wait(metric: "martlet_upstream_queue{backend=\"api\"}", atMost: 30) { $0 == 3 }
        let origin = try Origin(at: server) { $0.echo() }
        for peer in peers {
            let reply = try peer.reply()
            #expect(reply.status == 200)
            #expect(reply.body.hasSuffix("body"))
        }
        #expect(origin.heads.count == 3)
    }
}
