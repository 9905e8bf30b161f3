import Platform
import TestSupport
import Testing

/// gRPC over TLS in front of a server that speaks it in cleartext.
@Suite struct GRPCTests {
    static func configuration(_ port: String) -> (sites: String, more: String) {
        (
            MartletInstance.site(named: "grpc"),
            """
            backends:
              grpc: { servers: "127.0.0.1:\(port)", protocol: h2c }
            """
        )
    }

    @Test(
        "Calls of every kind pass",
        arguments: [
            "unary", "down", "up", "pingpong", "large", "deadline", "status", "unknown", "meta",
            "many",
        ])
    func calls(name: String) throws {
        let (server, port) = try GRPCPeers.server()
        let (sites, more) = GRPCTests.configuration(port)
        let martlet = try MartletInstance(sites: sites, more: more)
        let client = try GRPCPeers.client(martlet, name)
        #expect(try client.wait(atMost: 120) == 0, "\(client.errors.text)")
        #expect(client.output.text.contains("ok \(name)"))
        _ = server
    }

    @Test("A server that is killed in the middle of a call is UNAVAILABLE, and so is none at all")
    func killed() throws {
        let (server, port) = try GRPCPeers.server()
        let (sites, more) = GRPCTests.configuration(port)
        let martlet = try MartletInstance(sites: sites, more: more)
        let client = try GRPCPeers.client(martlet, "killed", "refused")
        try client.output.wait(for: "begun", atMost: 60)
        server.signal(9)
        #expect(try client.wait(atMost: 120) == 0, "\(client.errors.text)")
        #expect(client.output.text.contains("ok refused"))
    }

    @Test("A new server at the same address serves the next call")
    func restarted() throws {
        let (first, port) = try GRPCPeers.server()
        let (sites, more) = GRPCTests.configuration(port)
        let martlet = try MartletInstance(sites: sites, more: more)
        #expect(try GRPCPeers.client(martlet, "unary").wait(atMost: 120) == 0)
        first.signal(9)
        _ = try first.wait()
        let (second, _) = try GRPCPeers.server(at: "127.0.0.1:\(port)")
        #expect(try GRPCPeers.client(martlet, "unary").wait(atMost: 120) == 0)
        _ = second
    }
}
