import Platform
import TLS
import TestSupport
import Testing

/// As many sites as a hosting company has.
@Suite struct ManyHostsTests {
    /// How many sites there are, each with a certificate of its own.
    private static let count = 10_000

    @Test("10,000 hosts with a certificate each start in seconds, and each gets its own")
    func start() throws {
        let origin = try Origin { $0.echo() }
        let authority = try TestAuthority()
        var sites = ""
        for number in 0..<ManyHostsTests.count {
            sites += """
                  - hosts: ["host\(number).test"]
                    certificates: [{ chain: "\(number).pem", key: "\(number).key" }]
                    backend: "http://\(origin.address)"

                """
        }
        let martlet = try MartletInstance(sites: sites, more: "workers: 1") { folder, _ in
            for number in 0..<ManyHostsTests.count {
                try TestAuthority.write(
                    try authority.issue("host\(number).test"), as: "\(number)", in: folder)
            }
        }
        let cpu = try martlet.process.cpuSeconds()
        #expect(cpu < (RunningProcess.sanitizerMemory > 0 ? 300 : 30), "\(cpu) s of CPU time")
        let client = try TLSClientContext(trusted: authority.pair.certificate)
        for number in [0, 1, 4_999, 9_998, 9_999] {
            let peer = try Peer(
                martlet.address, tls: client, serverName: "host\(number).test")
            #expect(peer.serverSubject == "CN=host\(number).test")
            try peer.send("GET / HTTP/1.1\r\nHost: host\(number).test\r\n\r\n")
            #expect(try peer.reply().status == 200)
        }
        #expect(try martlet.metric("martlet_config_generation") == 1)
    }
}
