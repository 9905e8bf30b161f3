import Foundation
import Platform
import TestSupport

/// A PostgreSQL without TLS, with an empty database that everybody may use.
final class PostgreSQLServer {
    /// Where it listens.
    let address: SocketAddress
    private let folder: TemporaryFolder
    private let process: RunningProcess

    /// Makes the database, and waits until it takes connections.
    init() throws {
        folder = try TemporaryFolder()
        let files = folder.path("database")
        try FileManager.default.createDirectory(atPath: files, withIntermediateDirectories: false)
        if getuid() == 0 {
            try FileManager.default.setAttributes(
                [.ownerAccountID: PostgreSQLServer.nobody], ofItemAtPath: files)
        }
        let made = try PostgreSQLServer.start(
            "initdb",
            ["-D", files, "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"])
        guard try made.wait(atMost: 120) == 0 else {
            throw TestFailure("initdb: \(made.output.text) \(made.errors.text)")
        }
        let port = try SocketAddress.vacantPort()
        address = .ipv4(0x7f00_0001, port: port)
        process = try PostgreSQLServer.start(
            "postgres",
            [
                "-D", files, "-F", "-h", "127.0.0.1", "-p", "\(port)", "-k", "",
                "-c", "max_connections=40", "-c", "shared_buffers=4MB",
            ])
        try process.errors.wait(for: "ready to accept connections", atMost: 120)
    }

    /// At once, and its children with it; waited for, since it gives back shared memory.
    deinit {
        process.signal(SIGQUIT)
        _ = try? process.wait(atMost: 20)
    }

    /// Starts one of PostgreSQL's programs, none of which runs as root.
    private static func start(_ name: String, _ arguments: [String]) throws -> RunningProcess {
        let path = try programs() + "/" + name
        guard getuid() == 0 else { return try RunningProcess(path, arguments, folder: "/") }
        let user = ["--reuid=\(nobody)", "--regid=\(nobody)", "--clear-groups", path]
        return try RunningProcess("setpriv", user + arguments, folder: "/")
    }

    /// Where Debian has the programs of the newest version: not on PATH.
    private static func programs() throws -> String {
        let top = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: top)) ?? []
        guard let newest = versions.compactMap({ Int($0) }).max() else {
            throw TestFailure("no PostgreSQL; scripts/setup --for test installs it")
        }
        return "\(top)/\(newest)/bin"
    }

    /// Debian's user `nobody`.
    private static let nobody = 65_534
}
