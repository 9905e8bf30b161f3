import Bytes
import Foundation
public import Platform

/// A server that does to each connection what a test tells it: the backend that behaves, or not.
public final class Origin: @unchecked Sendable {
    /// Where it listens.
    public let address: SocketAddress
    private let listener: Socket
    private let lock = NSLock()
    private var accepted = 0
    private var log: [String] = []
    /// How many threads wait for a connection.
    private var waiting = 0

    /// What a thread of an origin does next.
    private enum Turn {
        case serve(OriginConnection)
        case wait
        case end
    }

    /// What may wait to be accepted.
    private static let backlog: CInt = 4_096
    /// How many threads wait at most.
    private static let mostWaiting = 4

    /// Listens on a port that the kernel chooses, and runs `script` for each connection on a thread
    /// that has nothing else to do meanwhile.
    public init(
        at address: SocketAddress = .ipv4(0x7f00_0001, port: 0),
        _ script: @escaping @Sendable (OriginConnection) throws -> Void
    ) throws {
        listener = try Socket.listen(on: address, reusePort: false, backlog: Origin.backlog)
        self.address = listener.localAddress() ?? address
        start(script)
    }

    /// Starts a thread that serves one connection after the other, until the origin is gone or
    /// enough others wait. A thread for each connection would be too slow where thousands come in a
    /// second: those that wait longest would not be accepted in time.
    private func start(_ script: @escaping @Sendable (OriginConnection) throws -> Void) {
        Foundation.Thread { [weak self] in
            while Origin.run(self?.turn(script) ?? .end, script) {}
        }.start()
    }

    /// False where the thread is to end.
    private static func run(
        _ turn: Turn, _ script: (OriginConnection) throws -> Void
    ) -> Bool {
        switch turn {
        case .serve(let connection):
            try? script(connection)
            return true
        case .wait: return true
        case .end: return false
        }
    }

    /// Waits for a connection, not for long. Who takes one while nobody else waits starts another
    /// thread.
    private func turn(_ script: @escaping @Sendable (OriginConnection) throws -> Void) -> Turn {
        let isEnough = lock.withLock {
            if waiting == Origin.mostWaiting { return true }
            waiting += 1
            return false
        }
        if isEnough { return .end }
        let isReady = Poll.wait([listener.rawDescriptor], timeout: .milliseconds(50)).first == true
        guard isReady, case .accepted(let socket, _) = listener.accept() else {
            return lock.withLock {
                waiting -= 1
                return waiting == 0 ? .wait : .end
            }
        }
        let (number, isLast) = lock.withLock {
            accepted += 1
            waiting -= 1
            return (accepted, waiting == 0)
        }
        if isLast { start(script) }
        return .serve(
            OriginConnection(socket, number: number) { [weak self] line in
                self?.lock.withLock { self?.log.append(line) }
            })
    }

    /// How many connections came.
    public var connectionCount: Int { lock.withLock { accepted } }

    /// The heads that were read, in order.
    public var heads: [String] { lock.withLock { log } }
}

/// Gives a connection to its thread.
private struct Handover: @unchecked Sendable {
    let value: OriginConnection

    init(_ value: OriginConnection) { self.value = value }
}

/// A flag that several threads see.
final class AtomicFlag: @unchecked Sendable {
    private let lock = NSLock()
    private var value = false

    var isSet: Bool { lock.withLock { value } }

    func set() { lock.withLock { value = true } }
}

/// One connection to an `Origin`.
public final class OriginConnection {
    private let socket: Socket
    private var input = ByteQueue()
    private let note: (String) -> Void
    /// Counts the origin's connections from 1.
    public let number: Int

    init(_ socket: consuming Socket, number: Int, note: @escaping (String) -> Void) {
        self.socket = socket
        self.number = number
        self.note = note
        try? self.socket.setBlocking(timeout: .seconds(30))
        self.socket.setNoDelay()
    }

    /// Runs `script` for a connection on a thread of its own.
    static func serve(
        _ socket: consuming Socket, number: Int,
        _ script: @escaping @Sendable (OriginConnection) throws -> Void,
        note: @escaping (String) -> Void
    ) {
        let box = Handover(OriginConnection(socket, number: number, note: note))
        Foundation.Thread { try? script(box.value) }.start()
    }

    /// Reads a request's head, with its final empty line; nil at the end of the stream.
    public func readHead() -> String? {
        while true {
            let text = String(copying: input.bytes)
            if let range = text.utf8.firstRange(of: Array("\r\n\r\n".utf8)) {
                let count = text.utf8.distance(from: text.startIndex, to: range.upperBound)
                let head = String(copying: input.bytes(in: 0..<count))
                input.removeFirst(count)
                note(head)
                return head
            }
            guard case .bytes = socket.receive(into: &input, atMost: 65_536) else { return nil }
        }
    }

    /// Reads so many bytes; fewer at the end of the stream.
    public func read(_ count: Int) -> String {
        while input.count < count {
            guard case .bytes = socket.receive(into: &input, atMost: 65_536) else { break }
        }
        let taken = min(count, input.count)
        let text = String(copying: input.bytes(in: 0..<taken))
        input.removeFirst(taken)
        return text
    }

    /// Reads so many bytes, whatever they are; fewer at the end of the stream.
    public func read(bytes count: Int) -> [UInt8] {
        while input.count < count {
            guard case .bytes = socket.receive(into: &input, atMost: 65_536) else { break }
        }
        let taken = min(count, input.count)
        let bytes = Array(Array(copying: input.bytes)[..<taken])
        input.removeFirst(taken)
        return bytes
    }

    /// Reads once; nil at the end of the stream.
    public func readSome() -> [UInt8]? {
        if input.isEmpty {
            guard case .bytes = socket.receive(into: &input, atMost: 65_536) else { return nil }
        }
        let bytes = Array(copying: input.bytes)
        input.removeAll()
        return bytes
    }

    /// Reads until `end` has come; everything that came before the end of the stream otherwise.
    public func read(until end: String) -> String {
        while true {
            let text = String(copying: input.bytes)
            if let range = text.utf8.firstRange(of: Array(end.utf8)) {
                return read(text.utf8.distance(from: text.startIndex, to: range.upperBound))
            }
            guard case .bytes = socket.receive(into: &input, atMost: 65_536) else {
                return read(input.count)
            }
        }
    }

    /// What comes next; empty at the end of the stream.
    public func receive() -> [UInt8] {
        if input.isEmpty { _ = socket.receive(into: &input, atMost: 65_536) }
        let bytes = Array(copying: input.bytes)
        input.removeAll()
        return bytes
    }

    /// Waits until the other side closes; true exactly when it did within the time.
    public func readToEnd() -> Int {
        var count = input.count
        input.removeAll()
        while case .bytes(let more) = socket.receive(into: &input, atMost: 65_536) {
            count += more
            input.removeAll()
        }
        return count
    }

    /// Reads to the end of the stream: what came, and true exactly when it ended in good order.
    public func readAll() -> (text: String, isInOrder: Bool) {
        while true {
            switch socket.receive(into: &input, atMost: 65_536) {
            case .bytes: continue
            case .endOfStream: return (read(input.count), true)
            case .wouldBlock, .failed: return (read(input.count), false)
            }
        }
    }

    /// Sends a text; false where the other side takes no more.
    @discardableResult
    public func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Sends bytes; false where the other side takes no more.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            guard case .bytes(let count) = socket.send(bytes.span.extracting(sent...)) else {
                return false
            }
            sent += count
        }
        return true
    }

    /// Says that nothing more is sent.
    public func finish() { socket.shutdownWrite() }

    /// Answers one request with so many bytes, and reads until the client has closed.
    public func answer(bytes count: Int) {
        _ = readHead()
        send("HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n\r\n")
        send([UInt8](repeating: 120, count: count))
        _ = readToEnd()
    }

    /// Lets the end of the script reset the connection, without FIN before.
    public func resetAtEnd() { socket.setResetOnClose() }

    /// Resets the connection.
    public func reset() {
        socket.setResetOnClose()
        socket.shutdownBoth()
    }

    /// Answers each request with 200 and its head as the body, until the stream ends.
    public func echo() {
        while let head = readHead() {
            var request = head
            if let length = head.lowercased().firstMatch(of: /content-length: (\d+)/),
                let count = Int(length.1)
            {
                request += read(count)
            } else if head.lowercased().contains("transfer-encoding: chunked") {
                request += read(until: "0\r\n\r\n")
            }
            let isHead = head.hasPrefix("HEAD ")
            send(
                "HTTP/1.1 200 OK\r\nContent-Length: \(request.utf8.count)\r\n"
                    + "X-Origin: \(number)\r\n\r\n"
                    + (isHead ? "" : request))
        }
    }
}
