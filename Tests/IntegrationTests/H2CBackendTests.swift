import Foundation
import Platform
import TestSupport
import Testing

/// Servers of HTTP/2 in cleartext that others have written.
@Suite struct H2CBackendTests {
    static func start(_ address: SocketAddress) throws -> MartletInstance {
        try MartletInstance(
            sites: MartletInstance.site(named: "files"),
            more: """
                backends:
                  files: { servers: "\(address)", protocol: h2c }
                """)
    }

    @Test("nginx serves and takes files", arguments: ["--http1.1", "--http2"])
    func nginx(version: String) throws {
        let folder = try TemporaryFolder()
        let nginx = try Nginx(in: folder, isHTTP2: true)
        let martlet = try H2CBackendTests.start(nginx.address)
        _ = try RunningProcess.run(
            "sh", ["-c", "head -c 20000000 /dev/urandom > www/big; : > www/empty"],
            folder: folder.path)
        let down = try martlet.curl(
            version, "-o", folder.path("down"), "-w", "%{http_code}", "%/big")
        #expect(down.output == "200", "\(down.errors)")
        let empty = try martlet.curl(version, "-w", "%{http_code}", "%/empty")
        #expect(empty.output == "200", "\(empty.errors)")
        let head = try martlet.curl(version, "-I", "-w", "%{http_code}", "-o", "/dev/null", "%/big")
        #expect(head.output == "200", "\(head.errors)")
        let up = try martlet.curl(
            version, "-T", folder.path("www/big"), "-o", "/dev/null", "-w", "%{http_code}",
            "%/upload/a")
        #expect(up.output == "201", "\(up.errors)")
        for copy in ["down", "www/upload/a"] {
            let same = try RunningProcess.run("cmp", ["www/big", copy], folder: folder.path)
            #expect(same.code == 0, "\(copy)")
        }
    }

    @Test("h2load's streams are all answered, also when nginx says goodbye in between")
    func load() throws {
        let folder = try TemporaryFolder()
        let nginx = try Nginx(in: folder, isHTTP2: true)
        let martlet = try H2CBackendTests.start(nginx.address)
        _ = try RunningProcess.run("truncate", ["-s", "1K", folder.path("www/1k")])
        for version in ["h2", "http/1.1"] {
            // nginx ends a connection after a thousand requests.
            let result = try RunningProcess.run(
                "h2load",
                [
                    "--npn-list=\(version)", "-n", "5000", "-c", "10", "-m", "20",
                    "https://localhost:\(martlet.port)/1k",
                ])
            #expect(
                result.output.contains("5000 succeeded, 0 failed, 0 errored, 0 timeout"),
                "\(result.output) \(result.errors)")
        }
    }

    @Test("Trailers of nghttpd arrive", arguments: ["--http1.1", "--http2"])
    func nghttpd(version: String) throws {
        let folder = try TemporaryFolder()
        try folder.write("small", to: "file")
        let address = try SocketAddress.vacant()
        let server = try RunningProcess(
            "nghttpd",
            [
                "--no-tls", "-a", "127.0.0.1", "-d", folder.path, "--trailer", "X-Tail: end",
                "\(address.port ?? 0)",
            ])
        let deadline = Date().addingTimeInterval(20)
        while (try? Peer(address)) == nil {
            guard Date() < deadline else { throw TestFailure("nghttpd: \(server.errors.text)") }
        }
        let martlet = try H2CBackendTests.start(address)
        let result = try martlet.curl(version, "-w", " %{http_code}", "%/file")
        #expect(result.output == "small 200", "\(result.errors)")
        if version == "--http2" {
            let trailers = try RunningProcess.run(
                "nghttp", ["-nv", "https://localhost:\(martlet.port)/file"])
            #expect(trailers.output.contains("x-tail: end"), "\(trailers.output)")
        }
        _ = server
    }
}
