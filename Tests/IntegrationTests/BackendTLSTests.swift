import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// TLS towards servers that others have written, and what of theirs is not to be trusted.
@Suite struct BackendTLSTests {
    private static let sites = MartletInstance.site(named: "origin")

    private static func start(
        _ server: String, _ keys: String,
        prepare: (TemporaryFolder, TestAuthority) throws -> Void = { _, _ in }
    ) throws -> MartletInstance {
        try MartletInstance(
            sites: sites,
            more: "backends: { origin: { servers: \"\(server)\", \(keys) } }", prepare: prepare)
    }

    @Test("nginx answers over TLS, HTTP/1.1 and HTTP/2", arguments: ["http/1.1", "h2"])
    func nginx(version: String) throws {
        let folder = try TemporaryFolder()
        let authority = try TestAuthority()
        try TestAuthority.write(try authority.issue("files.test"), as: "server", in: folder)
        let listen = version == "h2" ? " ssl http2" : " ssl"
        let nginx = try Nginx(in: folder, listen: listen, tls: "server")
        let martlet = try BackendTLSTests.start(
            "\(nginx.address)", "protocol: \(version), tls: { ca: a.pem, server_name: files.test }"
        ) { folder, _ in
            try folder.write(
                String(decoding: authority.pair.certificate, as: UTF8.self), to: "a.pem")
        }
        _ = try RunningProcess.run(
            "sh", ["-c", "head -c 20000000 /dev/urandom > www/big"], folder: folder.path)
        let down = try martlet.curl("-o", folder.path("down"), "-w", "%{http_code}", "%/big")
        #expect(down.output == "200", "\(down.errors)")
        let up = try martlet.curl(
            "-T", folder.path("www/big"), "-o", "/dev/null", "-w", "%{http_code}", "%/upload/a")
        #expect(up.output == "201", "\(up.errors)")
        for copy in ["down", "www/upload/a"] {
            let same = try RunningProcess.run("cmp", ["www/big", copy], folder: folder.path)
            #expect(same.code == 0, "\(copy)")
        }
        let stranger = try BackendTLSTests.start(
            "\(nginx.address)", "protocol: \(version), tls: { server_name: files.test }")
        #expect(try stranger.request("/big").status == 502)
        try stranger.process.errors.wait(for: "unknown authority")
    }

    @Test("nginx sees the client that the header names before its handshake")
    func nginxHeader() throws {
        let folder = try TemporaryFolder()
        let authority = try TestAuthority()
        try TestAuthority.write(try authority.issue("files.test"), as: "server", in: folder)
        let nginx = try Nginx(in: folder, listen: " ssl proxy_protocol", tls: "server")
        for version in ["v1", "v2"] {
            let martlet = try BackendTLSTests.start(
                "\(nginx.address)",
                "proxy_protocol: \(version), tls: { ca: a.pem, server_name: files.test }"
            ) { folder, _ in
                try folder.write(
                    String(decoding: authority.pair.certificate, as: UTF8.self), to: "a.pem")
            }
            for source in ["127.0.0.1", "127.0.0.7"] {
                let result = try martlet.curl("--interface", source, "%/client")
                #expect(result.output == "\(source)", "\(result.errors)")
            }
        }
    }

    @Test("A certificate that has expired is told from one that is revoked by its pin")
    func reasons() throws {
        let authority = try ClientAuthority()
        let old = try authority.issue(
            "/CN=old", names: "IP:127.0.0.1", as: "server", end: "20240101000000Z")
        let new = try authority.issue("/CN=new", names: "IP:127.0.0.1", as: "server")
        let pins =
            "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=, "
            + "sha256/n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="
        let table = [
            (old, "ca: a.pem", "certificate expired", "certificate_expired"),
            (new, "ca: a.pem, server_name: x.test", "host name mismatch", "host_name_mismatch"),
            (new, "ca: a.pem, pins: [\(pins)]", "pin mismatch", "pin_mismatch"),
        ]
        for (pair, keys, words, label) in table {
            let origin = try TLSOrigin(pair) { $0.echo() }
            let martlet = try BackendTLSTests.start("\(origin.address)", "tls: { \(keys) }") {
                folder, _ in
                try folder.write(
                    String(decoding: authority.certificate, as: UTF8.self), to: "a.pem")
            }
            #expect(try martlet.request("/").status == 502)
            try martlet.process.errors.wait(for: words)
            let series =
                "martlet_upstream_failures_total{backend=\"origin\",server=\"\(origin.address)\","
                + "reason=\"\(label)\"}"
            try martlet.wait(metric: series) { $0 == 1 }
        }
        let origin = try TLSOrigin(new) { $0.echo() }
        let martlet = try BackendTLSTests.start("\(origin.address)", "tls: { ca: a.pem }") {
            folder, _ in
            try folder.write(String(decoding: authority.certificate, as: UTF8.self), to: "a.pem")
        }
        #expect(try martlet.request("/").body.hasPrefix("name=- resumed=false alpn=http/1.1 "))
    }

    @Test("openssl s_server gets the certificate that it asks for, and none is none")
    func clientCertificate() throws {
        let folder = try TemporaryFolder()
        let servers = try TestAuthority()
        let clients = try ClientAuthority()
        try TestAuthority.write(try servers.issue("127.0.0.1"), as: "server", in: folder)
        try TestAuthority.write(try clients.issue("/CN=martlet"), as: "client", in: folder)
        try folder.write(String(decoding: clients.certificate, as: UTF8.self), to: "clients.pem")
        let address = try SocketAddress.vacant()
        let server = try RunningProcess(
            "openssl",
            [
                "s_server", "-accept", "127.0.0.1:\(address.port ?? 0)", "-www", "-cert",
                folder.path("server.pem"), "-key", folder.path("server.key"), "-Verify", "2",
                "-verify_return_error", "-CAfile", folder.path("clients.pem"),
            ])
        let deadline = Date().addingTimeInterval(20)
        while (try? Peer(address)) == nil {
            guard Date() < deadline else { throw TestFailure("s_server: \(server.errors.text)") }
        }
        for (keys, status) in [
            (", certificate: client.pem, key: client.key", 200), ("", 502),
        ] {
            let martlet = try BackendTLSTests.start(
                "\(address)", "tls: { ca: a.pem\(keys) }"
            ) { own, _ in
                try own.write(
                    String(decoding: servers.pair.certificate, as: UTF8.self), to: "a.pem")
                try FileManager.default.copyItem(
                    atPath: folder.path("client.pem"), toPath: own.path("client.pem"))
                try FileManager.default.copyItem(
                    atPath: folder.path("client.key"), toPath: own.path("client.key"))
            }
            let reply = try martlet.request("/")
            #expect(reply.status == status, "\(martlet.process.errors.text)")
            if status == 502 { try martlet.process.errors.wait(for: "refused by the server") }
        }
    }

    @Test("An authority that is replaced is believed without a reload by hand")
    func replaced() throws {
        let (old, new) = (try TestAuthority(), try TestAuthority())
        let origin = try TLSOrigin(new.issue("127.0.0.1")) { $0.echo() }
        let martlet = try BackendTLSTests.start("\(origin.address)", "tls: { ca: a.pem }") {
            folder, _ in
            try folder.write(String(decoding: old.pair.certificate, as: UTF8.self), to: "a.pem")
        }
        #expect(try martlet.request("/").status == 502)
        try martlet.folder.write(
            String(decoding: new.pair.certificate, as: UTF8.self), to: "a.pem")
        try martlet.process.errors.wait(for: " config.reloaded ")
        #expect(try martlet.request("/").status == 200)
    }

    @Test("A server that a revocation list names is refused, once the list has been replaced")
    func revoked() throws {
        let authority = try ClientAuthority()
        let pairs = try ["one", "two"].map {
            try authority.issue("/CN=\($0)", names: "IP:127.0.0.1", as: "server")
        }
        let origins = try pairs.map { try TLSOrigin($0) { $0.echo() } }
        let servers = origins.map { "\"\($0.address)\"" }.joined(separator: ", ")
        func write(_ bytes: [UInt8], _ name: String, _ folder: TemporaryFolder) throws {
            try folder.write(String(decoding: bytes, as: UTF8.self), to: name)
        }
        let martlet = try MartletInstance(
            sites: BackendTLSTests.sites,
            more: """
                workers: 1
                backends:
                  origin: { servers: [\(servers)], tls: { ca: a.pem, crl: [a.crl] } }
                """
        ) { folder, _ in
            try write(authority.certificate, "a.pem", folder)
            try write(authority.revocationList(), "a.crl", folder)
        }
        func bodies() throws -> [String] {
            try (0..<4).map { _ in try martlet.request("/").body }
        }
        #expect(try bodies().allSatisfy { $0.hasPrefix("name=- ") })
        let counts = origins.map(\.connectionCount)
        #expect(counts == [1, 1])
        // What rests, and what would be resumed, is as good as the list that was before.
        try authority.revoke(pairs[1])
        try write(authority.revocationList(), "a.crl", martlet.folder)
        try martlet.process.errors.wait(for: " config.reloaded ")
        #expect(try bodies().allSatisfy { $0.hasPrefix("name=- ") })
        try martlet.process.errors.wait(for: "certificate revoked")
        try martlet.wait(
            metric: "martlet_upstream_failures_total{backend=\"origin\",server=\""
                + "\(origins[1].address)\",reason=\"certificate_revoked\"}"
        ) { $0 >= 1 }
        // A list that is too old lets nobody in.
        try write(authority.revocationList(end: "20210101000000Z"), "a.crl", martlet.folder)
        try martlet.process.errors.wait(for: " config.reloaded ", count: 2)
        #expect(try martlet.request("/").status == 502)
        try martlet.process.errors.wait(for: "revocation list unusable")
        let expired = try martlet.process.errors.wait(for: " tls.crl.expired ")
        #expect(expired.contains(" error tls.crl.expired backend=origin issuer=\"CN=Clients\" "))
        let series = "martlet_tls_crl_next_update_timestamp_seconds{backend=\"origin\"}"
        #expect(try martlet.metric(series) == 1_609_459_200)
        try write(authority.revocationList(), "a.crl", martlet.folder)
        try martlet.process.errors.wait(for: " config.reloaded ", count: 3)
        #expect(try martlet.request("/").status == 200)
    }
}
