import Foundation
import TestSupport
import Testing

/// Secrets of TLS sessions, written only where the command line asks for it.
@Suite struct KeyLogTests {
    @Test("The secrets that OpenSSL knows are written, to a file of the owner alone, and announced")
    func secrets() throws {
        let origin = try Origin { $0.echo() }
        let log = try TemporaryFolder()
        let martlet = try MartletInstance(
            sites: MartletInstance.site(origin.address), keeping: origin,
            arguments: ["--tls-key-log", log.path("keys")])
        let client = try RunningProcess.run(
            "openssl",
            [
                "s_client", "-connect", "127.0.0.1:\(martlet.port)", "-servername", "localhost",
                "-keylogfile", log.path("client"),
            ], input: "")
        #expect(client.code == 0, "\(client.errors)")
        let ours = Set(try log.read("keys").split(separator: "\n"))
        let theirs = try log.read("client").split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(theirs.count >= 4)
        #expect(theirs.allSatisfy { ours.contains($0) }, "\(ours)")
        let mode = try FileManager.default.attributesOfItem(atPath: log.path("keys"))
        #expect(mode[.posixPermissions] as? Int == 0o600)
        #expect(martlet.process.errors.text.contains(" warning tls.key_log.opened path="))
    }

    @Test("A file that cannot be written is one clear line; exit code 3")
    func refused() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "listeners: [{ address: \"127.0.0.1:0\", tls: false }]\nadmin: off\n"
                + "sites: [{ hosts: a.test, backend: \"http://127.0.0.1:9\" }]\n", to: "m.yaml")
        let result = try RunningProcess.run(
            MartletInstance.binary,
            ["run", "--config", folder.path("m.yaml"), "--tls-key-log", folder.path("no/keys")])
        #expect(result.code == 3)
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(result.errors.contains("no/keys: No such file or directory"), "\(result.errors)")
    }
}
