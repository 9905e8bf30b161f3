import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// Certificates that are renewed while something else is wrong.
@Suite struct RenewalTests {
    /// One of each kind of file that is read again when it changes.
    private static let more = """
        tls: { ticket_keys: "tickets" }
        backends:
          safe:
            servers: ["127.0.0.1:9"]
            tls: { ca: "ca.pem", crl: ["list.pem"], certificate: "b.pem", key: "b.key" }
        """

    private func start(_ origin: Origin) throws -> MartletInstance {
        let authority = try ClientAuthority()
        let site =
            MartletInstance.site(origin.address) + """

                    tls: { client_certificates: { mode: optional, ca: "c.pem", crl: "c.crl" } }
                  - hosts: ["guarded.test"]
                    certificates: [{ chain: "cert.pem", key: "cert.key" }]
                    routes:
                      - { path: "/", backend: safe, basic_auth: { file: "users" } }
                """
        return try MartletInstance(sites: site, more: RenewalTests.more) { folder, own in
            for name in ["ca.pem", "c.pem"] {
                try folder.write(String(decoding: authority.certificate, as: UTF8.self), to: name)
            }
            for name in ["list.pem", "c.crl"] {
                let list = try authority.revocationList()
                try folder.write(String(decoding: list, as: UTF8.self), to: name)
            }
            try TestAuthority.write(try own.issue("client.test"), as: "b", in: folder)
            let key = Data(repeating: 7, count: 80).base64EncodedString()
            try folder.write(key + "\n", to: "tickets")
            try folder.write("a:$6$salt$" + String(repeating: "x", count: 86) + "\n", to: "users")
        }
    }

    /// One such file kept all certificates from being renewed, until they had expired.
    @Test(
        "A file that does not load keeps no certificate from being renewed",
        arguments: ["ca.pem", "list.pem", "b.key", "b.pem", "c.pem", "c.crl", "tickets", "users"])
    func broken(name: String) throws {
        let origin = try Origin { $0.echo() }
        let martlet = try start(origin)
        try martlet.folder.write("nonsense\n", to: name)
        let line = try martlet.process.errors.wait(for: "config.rejected", atMost: 60)
        #expect(line.contains(name) || martlet.process.errors.text.contains(name), "\(line)")
        let fresh = try martlet.authority.issue("renewed.test", "localhost", "guarded.test")
        try TestAuthority.write(fresh, as: "cert", in: martlet.folder)
        try martlet.process.errors.wait(for: "certificate.replaced", atMost: 60)
        #expect(try martlet.connect().serverSubject == "CN=renewed.test")
        try martlet.wait(metric: "martlet_config_reloads_total{result=\"failure\"}") { $0 >= 2 }
    }

    @Test("A renewed key that nobody has a use for keeps no other certificate from being renewed")
    func unfit() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try startNarrow(origin)
        let wide = try martlet.authority.issue("narrow.test", algorithm: .rsa)
        try TestAuthority.write(wide, as: "narrow", in: martlet.folder)
        try martlet.process.errors.wait(for: "config.rejected", atMost: 60)
        let fresh = try martlet.authority.issue("renewed.test", "localhost")
        try TestAuthority.write(fresh, as: "cert", in: martlet.folder)
        try martlet.process.errors.wait(for: "certificate.replaced", atMost: 60)
        #expect(try martlet.connect().serverSubject == "CN=renewed.test")
        let other = try martlet.connect(serverName: "narrow.test")
        #expect(other.serverSubject == "CN=narrow.test")
    }

    /// An instance with a second site, which has a use for one kind of key only.
    private func startNarrow(_ origin: Origin) throws -> MartletInstance {
        let site =
            MartletInstance.site(origin.address) + """

                  - hosts: ["narrow.test"]
                    certificates: [{ chain: "narrow.pem", key: "narrow.key" }]
                    tls: { signature_algorithms: [ecdsa_secp256r1_sha256] }
                    backend: "http://\(origin.address)"
                """
        return try MartletInstance(sites: site) { folder, own in
            try TestAuthority.write(try own.issue("narrow.test"), as: "narrow", in: folder)
        }
    }

    /// The files do not change any more, so that nobody looked at them before the next renewal.
    @Test(
        "A certificate that could not be read for want of descriptors is read again",
        arguments: [true, false])
    func shortage(isAlone: Bool) throws {
        let origin = try Origin { $0.echo() }
        let martlet = try startNarrow(origin)
        if !isAlone {
            try martlet.folder.write("", to: "narrow.key")
            try martlet.process.errors.wait(for: "config.rejected", atMost: 60)
        }
        let fresh = try martlet.authority.issue("renewed.test", "localhost")
        try limit(martlet, to: 4)
        try TestAuthority.write(fresh, as: "cert", in: martlet.folder)
        let line = try martlet.process.errors.wait(for: "cert.pem: Too many open files", atMost: 60)
        #expect(line.contains("cannot read the chain"), "\(line)")
        try limit(martlet, to: 1024)
        try martlet.process.errors.wait(for: "certificate.replaced", atMost: 60)
        #expect(try martlet.connect().serverSubject == "CN=renewed.test")
    }

    /// Bounds the descriptors of a process that runs.
    private func limit(_ martlet: MartletInstance, to count: Int) throws {
        let run = try RunningProcess.run(
            "prlimit", ["--pid", "\(martlet.process.id)", "--nofile=\(count):"])
        #expect(run.code == 0, "\(run.errors)")
    }

    @Test("A certificate that has expired does not take the place of one that is valid")
    func expired() throws {
        let origin = try Origin { $0.echo() }
        let martlet = try MartletInstance(sites: MartletInstance.site(origin.address))
        let old = try martlet.authority.issue("old.test", "localhost", validity: .seconds(-60))
        try TestAuthority.write(old, as: "cert", in: martlet.folder)
        let line = try martlet.process.errors.wait(for: "expired 0 days ago; renew it", atMost: 60)
        #expect(line.contains(" config.rejected "), "\(line)")
        #expect(line.contains("goes on being served"), "\(line)")
        #expect(try martlet.connect().serverSubject == "CN=localhost")
        let fresh = try martlet.authority.issue("new.test", "localhost")
        try TestAuthority.write(fresh, as: "cert", in: martlet.folder)
        try martlet.process.errors.wait(for: "certificate.replaced", atMost: 60)
        #expect(try martlet.connect().serverSubject == "CN=new.test")
    }
}
