import Foundation
import Platform
import TestSupport

/// Three servers, each of which answers with its letter: `a`, `b` or `c`. What is asked of `/hold`
/// is never answered.
final class LetteredBackends {
    let origins: [Origin]

    init() throws {
        origins = try ["a", "b", "c"].map { letter in
            try Origin { connection in
                while let head = connection.readHead() {
                    if head.contains(" /hold ") {
                        _ = connection.readToEnd()
                        return
                    }
                    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(letter)")
                }
            }
        }
    }

    /// The address of a server, as a configuration writes it.
    func address(_ index: Int) -> String { "\(origins[index].address)" }

    /// One worker in front of the three.
    ///
    /// - Parameters:
    ///   - keys: further keys of the backend.
    ///   - extras: further keys of each server.
    func start(_ keys: String, extras: [String] = ["", "", ""], workers: Int = 1) throws
        -> MartletInstance
    {
        try LetteredBackends.start(origins.map(\.address), keys, extras, workers: workers)
    }

    /// One worker in front of these servers.
    static func start(
        _ addresses: [SocketAddress], _ keys: String, _ extras: [String], workers: Int = 1
    ) throws -> MartletInstance {
        let servers = zip(addresses, extras).map { "{ address: \"\($0)\"\($1) }" }
        return try MartletInstance(
            sites: MartletInstance.site(named: "api"),
            more: """
                workers: \(workers)
                backends:
                  api:
                    servers: [\(servers.joined(separator: ", "))]
                    \(keys)
                """)
    }

    /// Sends a request that stays under way, and says which server has it.
    func hold(_ martlet: MartletInstance, fields: String = "") throws -> (peer: Peer, index: Int) {
        let before = origins.map { LetteredBackends.held($0) }
        let peer = try martlet.connect()
        try peer.send("GET /hold HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n")
        let deadline = Date().addingTimeInterval(60)
        while true {
            for (index, origin) in origins.enumerated()
            where LetteredBackends.held(origin) > before[index] {
                return (peer, index)
            }
            guard Date() < deadline else { throw TestFailure("no server has the request") }
            _ = Poll.wait([], timeout: .milliseconds(5))
        }
    }

    private static func held(_ origin: Origin) -> Int {
        origin.heads.filter { $0.hasPrefix("GET /hold ") }.count
    }
}

extension MartletInstance {
    /// Asks so often on one connection, and returns the letters in their order.
    func letters(_ count: Int, _ arguments: String...) throws -> String {
        let result = try curl(arguments + Array(repeating: "%/", count: count))
        guard result.code == 0 else { throw TestFailure(result.errors) }
        return result.output
    }

    /// Asks the admin endpoint to drain a server, or to end that.
    func command(_ verb: String, _ server: String, backend: String = "api") throws -> Reply {
        try ask("/servers/\(verb)?backend=\(backend)&server=\(server)", method: "POST")
    }
}
