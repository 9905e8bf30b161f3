import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// Certificates that are replaced on disk.
@Suite struct CertificateTests {
    private let origin: Origin

    init() throws { origin = try Origin { $0.echo() } }

    private func start(
        _ prepare: (TemporaryFolder) throws -> Void = { _ in }
    ) throws -> MartletInstance {
        try MartletInstance(sites: MartletInstance.site(origin.address)) { folder, _ in
            try prepare(folder)
        }
    }

    /// The common name of the certificate that is served now.
    private func served(_ martlet: MartletInstance) throws -> String {
        try martlet.connect().serverSubject ?? ""
    }

    /// Makes handshakes until the certificate is the new one, and returns how long it took.
    private func waitFor(_ subject: String, _ martlet: MartletInstance) throws -> Duration {
        let begun = MonotonicTime.now()
        while try served(martlet) != subject {
            guard MonotonicTime.now() - begun < .seconds(10) else {
                throw TestFailure("'\(subject)' is not served:\n\(martlet.process.errors.text)")
            }
        }
        return MonotonicTime.now() - begun
    }

    @Test("A certificate replaced by rename is served within a second, and connections go on")
    func rename() throws {
        let martlet = try start()
        let old = try martlet.connect()
        #expect(old.serverSubject == "CN=localhost")
        let fresh = try martlet.authority.issue("renamed.test", "localhost")
        try TestAuthority.write(fresh, as: "next", in: martlet.folder)
        for kind in ["key", "pem"] {
            try RunningProcess.run(
                "mv", [martlet.folder.path("next.\(kind)"), martlet.folder.path("cert.\(kind)")]
            )
            .code.isZero()
        }
        #expect(try waitFor("CN=renamed.test", martlet) < .seconds(1))
        try old.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let reply = try old.reply()
        #expect(reply.status == 200, "\(reply)")
        try martlet.process.errors.wait(for: "certificate.replaced")
    }

    @Test("A certificate written in place is served within a second")
    func inPlace() throws {
        let martlet = try start()
        let fresh = try martlet.authority.issue("written.test", "localhost")
        try TestAuthority.write(fresh, as: "cert", in: martlet.folder)
        #expect(try waitFor("CN=written.test", martlet) < .seconds(1))
    }

    @Test("A certificate behind a symbolic link that is swapped is served within a second")
    func symbolicLink() throws {
        let martlet = try start { folder in
            let files = FileManager.default
            for version in ["..v1", "..v2"] {
                try files.createDirectory(
                    atPath: folder.path(version), withIntermediateDirectories: false)
            }
            for kind in ["pem", "key"] {
                try files.moveItem(
                    atPath: folder.path("cert.\(kind)"), toPath: folder.path("..v1/cert.\(kind)"))
                try files.createSymbolicLink(
                    atPath: folder.path("cert.\(kind)"), withDestinationPath: "..data/cert.\(kind)")
            }
            try files.createSymbolicLink(atPath: folder.path("..data"), withDestinationPath: "..v1")
        }
        let fresh = try martlet.authority.issue("swapped.test", "localhost")
        try TestAuthority.write(fresh, as: "..v2/cert", in: martlet.folder)
        try FileManager.default.createSymbolicLink(
            atPath: martlet.folder.path("..data_tmp"), withDestinationPath: "..v2")
        let swap = try RunningProcess.run(
            "mv", ["-T", martlet.folder.path("..data_tmp"), martlet.folder.path("..data")])
        #expect(swap.code == 0)
        #expect(try waitFor("CN=swapped.test", martlet) < .seconds(1))
    }

    @Test("A half-written pair is never served, and no handshake fails while it lies there")
    func halfWritten() throws {
        let martlet = try start()
        let fresh = try martlet.authority.issue("half.test", "localhost")
        let chain = String(decoding: fresh.certificate, as: UTF8.self)
        let key = String(decoding: fresh.key, as: UTF8.self)
        var rejections = 0
        for (name, text) in [
            ("cert.pem", String(chain.prefix(chain.count / 2))), ("cert.pem", chain),
            ("cert.key", String(key.prefix(key.count / 2))), ("cert.key", ""),
        ] {
            try martlet.folder.write(text, to: name)
            rejections += 1
            try martlet.process.errors.wait(for: "config.rejected", count: rejections)
            #expect(try served(martlet) == "CN=localhost")
        }
        try martlet.folder.write(key, to: "cert.key")
        #expect(try waitFor("CN=half.test", martlet) < .seconds(1))
        let name = "martlet_config_reloads_total{result=\"failure\"}"
        #expect(try martlet.metric(name) == Double(rejections))
    }

    /// Every renewal was refused as long as one file was broken, until all had expired.
    @Test("A certificate that does not load keeps no other from being renewed")
    func brokenNeighbour() throws {
        let origin = try Origin { $0.echo() }
        let neighbour = """
              - hosts: ["broken.test"]
                certificates: [{ chain: "broken.pem", key: "broken.key" }]
                backend: "http://\(origin.address)"
            """
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address) + "\n" + neighbour
        ) { folder, authority in
            try TestAuthority.write(try authority.issue("broken.test"), as: "broken", in: folder)
        }
        try martlet.folder.write("", to: "broken.key")
        try martlet.process.errors.wait(for: "config.rejected")
        let fresh = try martlet.authority.issue("renewed.test", "localhost")
        try TestAuthority.write(fresh, as: "cert", in: martlet.folder)
        try martlet.process.errors.wait(for: "certificate.replaced", atMost: 60)
        #expect(try served(martlet) == "CN=renewed.test")
        let other = try martlet.connect(serverName: "broken.test")
        #expect(other.serverSubject == "CN=broken.test")
        #expect(martlet.process.errors.text.contains("broken.key: it is empty"))
    }

    @Test("Metrics tell when each certificate expires, and 'martlet certs' what it is")
    func facts() throws {
        let martlet = try start()
        let text = try martlet.ask("/metrics").body
        let line = text.split(separator: "\n").first {
            $0.hasPrefix("martlet_tls_certificate_not_after_timestamp_seconds{")
        }
        let value = line?.split(separator: " ").last.flatMap { Double($0) } ?? 0
        #expect(abs(value - Date().timeIntervalSince1970 - 3_600) < 120, "\(line ?? "")")
        let certs = try RunningProcess.run(
            MartletInstance.binary, ["certs", "--admin", "\(try martlet.admin)"])
        #expect(certs.code == 0)
        #expect(certs.output.contains("ECDSA P-256"), "\(certs.output)\(certs.errors)")
        #expect(certs.output.contains("localhost"))
    }
}

extension Int32 {
    fileprivate func isZero() { #expect(self == 0) }
}
