import Bytes
import Foundation
public import Platform
public import TLS

/// The real binary, serving a configuration of one test on ports that the kernel chose.
public final class MartletInstance: Sendable {
    /// The folder of the configuration; `cert.pem` and `cert.key` are for `localhost`.
    public let folder: TemporaryFolder
    /// Who signed `cert.pem`; in the folder as `ca.pem`.
    public let authority: TestAuthority
    /// The process.
    public let process: RunningProcess
    /// The backend that lives as long as the instance.
    private let origin: Origin?

    /// The binary: `MARTLET_BINARY`, or the debug build beside the tests.
    public static var binary: String {
        if let path = ProcessInfo.processInfo.environment["MARTLET_BINARY"], !path.isEmpty {
            return path
        }
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        var folder = tests.deletingLastPathComponent()
        while folder.path != "/" {
            let candidate = folder.appendingPathComponent("martlet").path
            if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            folder = folder.deletingLastPathComponent()
        }
        return "martlet"
    }

    /// Starts an instance and waits until it is ready.
    ///
    /// - Parameters:
    ///   - sites: what stands under `sites:`, indented as there.
    ///   - listeners: what stands under `listeners:`; one TLS listener by default.
    ///   - more: further sections.
    ///   - arguments: more arguments of the command line.
    ///   - origin: a backend that is to live as long as the instance.
    ///   - prepare: puts more files into the folder before the start.
    public init(
        sites: String, listeners: String = MartletInstance.tlsListener, more: String = "",
        environment: [String: String] = [:], wrapper: [String] = [], keeping origin: Origin? = nil,
        arguments: [String] = [],
        prepare: (TemporaryFolder, TestAuthority) throws -> Void = { _, _ in }
    ) throws {
        self.origin = origin
        folder = try TemporaryFolder()
        authority = try TestAuthority()
        try folder.write(String(decoding: authority.pair.certificate, as: UTF8.self), to: "ca.pem")
        try TestAuthority.write(
            authority.completed(try authority.issue("localhost", "127.0.0.1")), as: "cert",
            in: folder)
        try prepare(folder, authority)
        try folder.write(
            MartletInstance.text(sites: sites, listeners: listeners, more: more), to: "martlet.yaml"
        )
        let command =
            wrapper + [MartletInstance.binary, "run", "--config", folder.path("martlet.yaml")]
            + arguments
        process = try RunningProcess(
            command[0], Array(command.dropFirst()), environment: environment)
        try process.errors.wait(for: "server.ready", atMost: 120)
    }

    /// One TLS listener on a port that the kernel chooses.
    public static let tlsListener = "  - address: \"127.0.0.1:0\"\n"

    /// A configuration's text.
    public static func text(sites: String, listeners: String = tlsListener, more: String = "")
        -> String
    {
        "listeners:\n\(listeners)admin: { address: \"127.0.0.1:0\" }\n"
            + (sites.isEmpty ? "" : "sites:\n\(sites)\n") + "\(more)\n"
    }

    /// One site for `localhost` in front of a server.
    public static func site(_ backend: SocketAddress) -> String {
        """
          - hosts: ["localhost"]
            certificates: [{ chain: "cert.pem", key: "cert.key" }]
            backend: "http://\(backend)"
        """
    }

    /// One site for `localhost` in front of a backend of this name, which `more` describes.
    public static func site(named backend: String) -> String {
        """
          - hosts: [localhost]
            certificates: [{ chain: cert.pem, key: cert.key }]
            backend: \(backend)
        """
    }

    /// The addresses that are listened on, in the order of the configuration.
    public var listeners: [SocketAddress] {
        process.errors.all.filter { $0.contains(" listener.opened ") }.compactMap(
            MartletInstance.address)
    }

    /// The first listener's address.
    public var address: SocketAddress { listeners[0] }

    /// The first listener's port.
    public var port: UInt16 { address.port ?? 0 }

    /// The admin endpoint's address.
    public var admin: SocketAddress {
        get throws {
            let line = try process.errors.wait(for: " admin.opened ")
            guard let address = MartletInstance.address(line) else { throw TestFailure(line) }
            return address
        }
    }

    private static func address(_ line: String) -> SocketAddress? {
        guard let range = line.range(of: "address=") else { return nil }
        let value = line[range.upperBound...].prefix { $0 != " " }
        return SocketAddress(value.filter { $0 != "\"" })
    }

    /// Asks the admin endpoint, which closes a connection that is silent for two seconds: on a
    /// machine with much to do, that may be this one.
    public func ask(_ path: String, method: String = "GET", fields: String = "") throws -> Reply {
        for _ in 0..<3 {
            if let reply = try? askOnce(path, method, fields) { return reply }
        }
        return try askOnce(path, method, fields)
    }

    private func askOnce(_ path: String, _ method: String, _ fields: String) throws -> Reply {
        let peer = try Peer(admin)
        try peer.send(
            "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
                + "X-Martlet-Control: 1\r\n\(fields)\r\n")
        return try peer.reply()
    }

    /// The value of a metric's sample that begins with `series`, or 0 if it is not there.
    public func metric(_ series: String) throws -> Double {
        let text = try ask("/metrics").body
        let line = text.split(separator: "\n").first { $0.hasPrefix(series + " ") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Double($0) } ?? 0
    }

    /// Asks again and again, with a growing pause, until a metric satisfies `condition`.
    public func wait(
        metric series: String, atMost seconds: Double = 10, _ condition: (Double) -> Bool
    ) throws {
        let deadline = Date().addingTimeInterval(seconds)
        while true {
            let value = try metric(series)
            if condition(value) { return }
            guard Date() < deadline else {
                throw TestFailure(
                    "\(series) is \(value)\n\(try ask("/metrics").body)\n\(process.errors.text)")
            }
        }
    }

    /// Waits until the process spends no CPU time any more: everything that can move has moved.
    public func waitUntilIdle() throws {
        let deadline = Date().addingTimeInterval(20)
        var spent = -1.0
        var quiet = 0
        while quiet < 5 {
            guard Date() < deadline else { throw TestFailure("the process does not come to rest") }
            _ = Poll.wait([], timeout: .milliseconds(50))
            let now = try process.cpuSeconds()
            quiet = now == spent ? quiet + 1 : 0
            spent = now
        }
    }

    /// Connects with TLS.
    public func connect(
        serverName: String? = "localhost", ticket: TLSClientTicket? = nil, alpn: [String] = [],
        from source: SocketAddress? = nil
    ) throws -> Peer {
        let context = try TLSClientContext(trusted: authority.pair.certificate, alpn: alpn)
        return try Peer(address, tls: context, serverName: serverName, ticket: ticket, from: source)
    }

    /// Sends one request on a connection of its own, with TLS.
    public func request(
        _ target: String, method: String = "GET", host: String = "localhost", fields: String = "",
        body: String = ""
    ) throws -> Reply {
        let peer = try connect()
        try peer.send("\(method) \(target) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\r\n\(body)")
        return try peer.reply(to: method)
    }

    /// Lets curl make a request, over HTTP/1.1 unless told otherwise; a `%` in front of a path
    /// stands for the base address.
    public func curl(_ arguments: String...) throws -> (code: Int32, output: String, errors: String)
    {
        try curl(arguments)
    }

    /// The same for arguments that a test has put together.
    public func curl(_ arguments: [String]) throws -> (code: Int32, output: String, errors: String)
    {
        let all = arguments.map {
            $0.hasPrefix("%/") ? "https://localhost:\(port)" + $0.dropFirst() : $0
        }
        return try RunningProcess.run(
            "curl",
            [
                "-sS", "--http1.1", "--noproxy", "*", "--max-time", "300", "--cacert",
                folder.path("ca.pem"),
            ] + all,
            folder: folder.path, atMost: 320)
    }

    /// Lets the instance load its configuration anew by `SIGHUP`, and waits for the outcome's line.
    @discardableResult
    public func reload(expecting event: String = "config.reloaded") throws -> String {
        let before = process.errors.all.filter { $0.contains(" \(event) ") }.count
        process.signal(SIGHUP)
        return try process.errors.wait(for: " \(event) ", count: before + 1)
    }

    /// Stops it in good order and returns the exit code.
    public func stop() throws -> Int32 {
        process.signal(SIGTERM)
        return try process.wait(atMost: 60)
    }
}
