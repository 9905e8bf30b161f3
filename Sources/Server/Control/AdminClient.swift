internal import Bytes
internal import HTTP
internal import Platform

/// Asks the running instance through its admin endpoint: what `martlet reload`, `status` and
/// `certs` do.
public enum AdminClient {
    /// Sends one request to an address such as `127.0.0.1:9180`, `[::1]:9180` or `unix:/path`, and
    /// waits for the answer.
    ///
    /// - Throws: `AdminClientError`, whose description is the line for the person.
    public static func request(
        _ method: String, _ path: String, at address: String, timeout: Duration = .seconds(30)
    ) throws(AdminClientError) -> (status: Int, body: [UInt8]) {
        guard let parsed = SocketAddress(address) else { throw .badAddress(address) }
        return try request(method, path, at: parsed, timeout: timeout)
    }

    /// Sends one request and waits for the whole answer, at most for `timeout`.
    ///
    /// - Throws: `AdminClientError`, whose description is the line for the person.
    static func request(
        _ method: String, _ path: String, at address: SocketAddress, timeout: Duration
    ) throws(AdminClientError) -> (status: Int, body: [UInt8]) {
        let deadline = MonotonicTime.now() + timeout
        let socket: Socket
        do {
            socket = try Socket.connectBlocking(to: address, timeout: timeout)
        } catch {
            throw .noInstance(address: "\(address)", cause: error.cause)
        }
        try send(method, path, to: socket, at: address, until: deadline)
        return try receive(answerTo: method, from: socket, at: address, until: deadline)
    }

    private static func send(
        _ method: String, _ path: String, to socket: borrowing Socket, at address: SocketAddress,
        until deadline: MonotonicTime
    ) throws(AdminClientError) {
        let host = if case .unix = address { "localhost" } else { "\(address)" }
        let head =
            "\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\nX-Martlet-Control: 1\r\n"
            + "Content-Length: 0\r\nConnection: close\r\n\r\n"
        let bytes = Array(head.utf8)
        var sent = 0
        while sent < bytes.count {
            try limit(socket, at: address, until: deadline)
            switch socket.send(bytes.span.extracting(sent...)) {
            case .bytes(let count): sent += count
            case .wouldBlock: throw .noAnswer(address: "\(address)", cause: timedOut)
            case .endOfStream, .failed: throw .noAnswer(address: "\(address)", cause: closed)
            }
        }
    }

    private static func receive(
        answerTo method: String, from socket: borrowing Socket, at address: SocketAddress,
        until deadline: MonotonicTime
    ) throws(AdminClientError) -> (status: Int, body: [UInt8]) {
        var input = ByteQueue()
        var answer = AdminAnswer(method: method)
        while true {
            switch answer.advance(&input) {
            case .complete: return (answer.status, answer.body)
            case .malformed: throw .notHTTP(address: "\(address)")
            case .needsMore: break
            }
            try limit(socket, at: address, until: deadline)
            switch socket.receive(into: &input, atMost: 65536) {
            case .bytes: continue
            case .wouldBlock: throw .noAnswer(address: "\(address)", cause: timedOut)
            case .endOfStream:
                if answer.endOfStream() { return (answer.status, answer.body) }
                throw .noAnswer(address: "\(address)", cause: closed)
            case .failed: throw .noAnswer(address: "\(address)", cause: closed)
            }
        }
    }

    /// Lets the next call on the socket wait until the deadline and no longer.
    private static func limit(
        _ socket: borrowing Socket, at address: SocketAddress, until deadline: MonotonicTime
    ) throws(AdminClientError) {
        let now = MonotonicTime.now()
        guard now < deadline else { throw .noAnswer(address: "\(address)", cause: timedOut) }
        do {
            try socket.setBlocking(timeout: deadline - now)
        } catch {
            throw .noAnswer(address: "\(address)", cause: error.cause)
        }
    }

    private static let timedOut = "it took too long"
    private static let closed = "it closed the connection"
}
