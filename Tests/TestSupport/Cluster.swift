import Foundation
public import Platform

/// Several servers that share one script: what becomes of the first attempt that reaches any of
/// them, of the second, and so on.
public final class Cluster: @unchecked Sendable {
    /// What a server does with an attempt.
    public enum Fate: Sendable {
        /// Answers so, with the server's number and the attempt's in the body.
        case status(Int)
        /// Resets the connection when so many bytes of the body have come; all of it where nil.
        case reset(after: Int?)
        /// Closes the connection in good order, without a word.
        case close
        /// Says nothing until the connection ends.
        case silence
        /// Sends the begin of an answer, and resets.
        case cut
        /// Says 100, takes the body, and answers so.
        case continued(Int)
    }

    /// What a server saw of a request.
    public struct Attempt: Sendable {
        /// The server's number, from 0.
        public let server: Int
        /// The connection's number at its server, from 1.
        public let connection: Int
        /// The head.
        public let head: String
        /// The body, without chunked framing.
        public var body = ""
        /// True exactly when all of the request has come.
        public var isWhole = false
    }

    private let lock = NSLock()
    private var origins: [Origin] = []
    private var log: [Attempt] = []
    private var endings = 0
    private let fates: [Fate]

    /// Starts so many servers; beyond the script every attempt gets 200.
    public convenience init(servers: Int, _ fates: Fate...) throws {
        try self.init(servers: servers, fates)
    }

    /// The same for a script that a test has put together.
    public init(servers: Int, _ fates: [Fate]) throws {
        self.fates = fates
        for server in 0..<servers {
            origins.append(
                try Origin { [weak self] connection in
                    while let head = connection.readHead() {
                        guard let self, self.act(connection, server, head) else { return }
                    }
                })
        }
    }

    /// Where the servers listen.
    public var addresses: [SocketAddress] { origins.map(\.address) }

    /// What the servers saw, in the order of arrival.
    public var attempts: [Attempt] { lock.withLock { log } }

    /// How many connections have ended under a server that was silent.
    public var endedSilences: Int { lock.withLock { endings } }

    /// Waits until so many connections have ended under a server that was silent.
    public func waitForEndedSilences(_ count: Int) throws {
        let deadline = MonotonicTime.now() + .seconds(30)
        while endedSilences < count {
            guard MonotonicTime.now() < deadline else {
                throw TestFailure("\(endedSilences) connections have ended, not \(count)")
            }
            _ = Poll.wait([], timeout: .milliseconds(5))
        }
    }

    private func act(_ connection: OriginConnection, _ server: Int, _ head: String) -> Bool {
        let number = lock.withLock {
            log.append(Attempt(server: server, connection: connection.number, head: head))
            return log.count - 1
        }
        let fate = number < fates.count ? fates[number] : .status(200)
        var limit = Int.max
        if case .reset(let count?) = fate { limit = count }
        if case .continued = fate { connection.send("HTTP/1.1 100 Continue\r\n\r\n") }
        if case .status(let status) = fate, status >= 400, head.contains("100-continue") {
            // Who asks first is told before the body.
            return answer(connection, status, server, number)
        }
        let (body, isWhole) = Cluster.readBody(connection, head, limit)
        lock.withLock {
            log[number].body = body
            log[number].isWhole = isWhole
        }
        switch fate {
        case .status(let status), .continued(let status):
            return answer(connection, status, server, number)
        case .reset:
            connection.reset()
            return false
        case .cut:
            connection.send("HTTP/1.1 2")
            connection.reset()
            return false
        case .close: return false
        case .silence:
            _ = connection.readToEnd()
            lock.withLock { endings += 1 }
            return false
        }
    }

    private func answer(
        _ connection: OriginConnection, _ status: Int, _ server: Int, _ number: Int
    ) -> Bool {
        let text = "server \(server), attempt \(number)"
        return connection.send(
            "HTTP/1.1 \(status) Said\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)")
    }

    private static func readBody(_ connection: OriginConnection, _ head: String, _ limit: Int)
        -> (String, Bool)
    {
        let lower = head.lowercased()
        if let match = lower.firstMatch(of: /content-length: (\d+)/), let length = Int(match.1) {
            let body = connection.read(min(length, limit))
            return (body, body.utf8.count == length)
        }
        guard lower.contains("transfer-encoding: chunked") else { return ("", true) }
        var body = ""
        while body.utf8.count < limit {
            let line = connection.read(until: "\r\n")
            guard let size = Int(line.prefix(while: \.isHexDigit), radix: 16) else {
                return (body, false)
            }
            let piece = connection.read(size)
            body += piece
            guard piece.utf8.count == size, connection.read(2).utf8.count == 2 else {
                return (body, false)
            }
            if size == 0 { return (body, true) }
        }
        return (body, false)
    }
}
