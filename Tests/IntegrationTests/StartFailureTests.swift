import Foundation
import Platform
import TLS
import TestSupport
import Testing

/// What stands against a start: one clear line each, and the exit code of its kind.
@Suite struct StartFailureTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        let authority = try TestAuthority()
        let pair = authority.completed(try authority.issue("localhost"))
        try TestAuthority.write(pair, as: "cert", in: folder)
    }

    /// Writes a configuration and runs a command on it.
    private func martlet(
        _ command: String = "run", listener: String = "127.0.0.1:0", admin: String = "off",
        more: String = "", wrapper: [String] = []
    ) throws -> (code: Int32, lines: [String]) {
        try folder.write(
            """
            listeners:
              - address: "\(listener)"
            admin: \(admin)
            sites:
              - hosts: ["localhost"]
                certificates: [{ chain: "cert.pem", key: "cert.key" }]
                backend: "http://127.0.0.1:9"
            \(more)

            """, to: "martlet.yaml")
        let all =
            wrapper + [MartletInstance.binary, command, "--config", folder.path("martlet.yaml")]
        let result = try RunningProcess.run(all[0], Array(all.dropFirst()))
        return (result.code, result.errors.split(separator: "\n").map(String.init))
    }

    @Test("A port that is taken is named, with what to do; exit code 3", arguments: [false, true])
    func portTaken(asAdmin: Bool) throws {
        let other = try Socket.listen(on: .ipv4(0x7f00_0001, port: 0), reusePort: true, backlog: 1)
        let bound = other.localAddress()
        let address = "\(try #require(bound))"
        let (code, lines) =
            asAdmin
            ? try martlet(admin: "{ address: \"\(address)\" }") : try martlet(listener: address)
        #expect(code == 3)
        #expect(lines.count == 1, "\(lines)")
        #expect(lines.first?.contains(address) == true, "\(lines)")
        #expect(lines.first?.contains("another process") == true, "\(lines)")
    }

    @Test("An address that this machine does not have is named; exit code 3")
    func foreignAddress() throws {
        let (code, lines) = try martlet(listener: "192.0.2.1:443")
        #expect(code == 3)
        #expect(lines.count == 1 && lines[0].contains("192.0.2.1:443"), "\(lines)")
    }

    @Test("A key that cannot be read is named with its place and the reason; exit code 1")
    func unreadableKey() throws {
        try FileManager.default.removeItem(atPath: folder.path("cert.key"))
        for command in ["run", "check"] {
            let (code, lines) = try martlet(command)
            #expect(code == 1)
            #expect(lines.count == 1, "\(lines)")
            #expect(lines[0].contains("martlet.yaml:6:"), "\(lines)")
            #expect(lines[0].contains("cert.key: No such file or directory"), "\(lines)")
        }
    }

    @Test("What was warned of stands before the reason that ended the start")
    func warningsBeforeFailure() throws {
        let other = try Socket.listen(on: .ipv4(0x7f00_0001, port: 0), reusePort: true, backlog: 1)
        let bound = other.localAddress()
        let address = "\(try #require(bound))"
        let (code, lines) = try martlet(
            listener: address, more: "backends: { spare: { servers: \"127.0.0.1:9\" } }")
        #expect(code == 3)
        #expect(lines.count == 2, "\(lines)")
        #expect(lines.first?.contains("no site uses the backend 'spare'") == true, "\(lines)")
        #expect(lines.last?.contains(address) == true, "\(lines)")
        _ = consume other
    }

    @Test("A key without permission to read is named so")
    func forbiddenKey() throws {
        // Root may read everything; a process without its capabilities may not.
        let drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: folder.path)
        guard getuid() == 0 else { return }
        let (code, lines) = try martlet("check", wrapper: drop)
        #expect(code == 1)
        let line = try #require(lines.first)
        #expect(line.contains("cannot read the key: "), "\(lines)")
        #expect(line.contains("cert.key: Permission denied; let the user"), "\(lines)")
    }

    @Test("A key that others can read is a warning with the remedy, and serves")
    func openKey() throws {
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o640], ofItemAtPath: folder.path("cert.key"))
        let (code, lines) = try martlet("check")
        #expect(code == 0)
        #expect(lines.count == 1 && lines[0].contains("warning"), "\(lines)")
        #expect(lines[0].hasSuffix("chmod 600 \(folder.path("cert.key"))"), "\(lines)")
    }

    @Test("A pair that does not match is an error that names both files")
    func mismatch() throws {
        let other = try TestAuthority().issue("localhost")
        try folder.write(String(decoding: other.key, as: UTF8.self), to: "cert.key")
        let (code, lines) = try martlet("check")
        #expect(code == 1)
        #expect(lines.count >= 1 && lines[0].contains("cert.pem"), "\(lines)")
        #expect(lines[0].contains("cert.key"))
    }

    @Test("A log in a missing folder, or on a read-only disk, is one clear line; exit code 3")
    func missingFolder() throws {
        for log in ["access_log", "event_log"] {
            let (code, lines) = try martlet(more: "\(log): { path: \"nowhere/a.log\" }")
            #expect(code == 3)
            #expect(lines.count == 1, "\(lines)")
            #expect(lines[0].contains("nowhere/a.log: No such file or directory"), "\(lines)")
        }
    }

    @Test("A log that is a pipe without a reader is one clear line; exit code 3")
    func pipeWithoutReader() throws {
        #expect(try RunningProcess.run("mkfifo", [folder.path("pipe")]).code == 0)
        for log in ["access_log", "event_log"] {
            let (code, lines) = try martlet(more: "\(log): { path: \"pipe\" }")
            #expect(code == 3)
            #expect(lines.count == 1, "\(lines)")
            #expect(lines[0].contains("pipe: No such device or address"), "\(lines)")
        }
    }

    @Test("A state directory on a read-only disk is one clear line; exit code 3")
    func readOnly() throws {
        guard getuid() == 0 else { return }
        let script =
            "mount -t tmpfs -o ro none \(folder.path) && exec \(MartletInstance.binary) run"
        let result = try RunningProcess.run(
            "unshare", ["-m", "sh", "-c", script], environment: ["XDG_STATE_HOME": folder.path])
        #expect(result.code == 3)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 1, "\(lines)")
        #expect(lines[0].contains("Read-only file system"), "\(lines)")
        #expect(lines[0].contains("STATE_DIRECTORY"), "\(lines)")
    }

    @Test("A disk that is full loses log lines, counts them, and serves on")
    func fullDisk() throws {
        let origin = try Origin { $0.echo() }
        let instance = try MartletInstance(
            sites: MartletInstance.site(origin.address), more: "access_log: { path: /dev/full }")
        #expect(try instance.request("/").status == 200)
        try instance.wait(metric: "martlet_log_lines_dropped_total") { $0 == 1 }
        #expect(try instance.request("/").status == 200)
        #expect(try instance.stop() == 0)
    }

    @Test("All mistakes are told at once with their places; exit code 1")
    func mistakes() throws {
        let (code, lines) = try martlet(
            "check", more: "wrokers: 2\ntimeouts: { handshake: soon }\nworkers: -1")
        #expect(code == 1)
        #expect(lines.count == 3, "\(lines)")
        #expect(
            lines.contains { $0.contains("wrokers") && $0.contains("did you mean 'workers'?") },
            "\(lines)")
        #expect(
            lines.allSatisfy { $0.firstMatch(of: #/martlet\.yaml:\d+:\d+: error: /#) != nil },
            "\(lines)")
    }

    @Test(
        "Wrong usage is exit code 2, with the usage",
        arguments: [["run", "--nonsense"], ["check"], ["dance"], ["run", "--config"]])
    func usage(arguments: [String]) throws {
        let result = try RunningProcess.run(MartletInstance.binary, arguments)
        #expect(result.code == 2)
        #expect(result.errors.contains("Usage: "), "\(result.errors)")
        #expect(result.output.isEmpty)
    }
}
