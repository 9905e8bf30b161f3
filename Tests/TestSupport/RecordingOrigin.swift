import Foundation
public import Platform

/// A backend that keeps every byte that it gets, and answers 200 to each well-formed request.
public final class RecordingOrigin: @unchecked Sendable {
    /// What came on one connection.
    public struct Record: Sendable {
        /// The whole requests.
        public var requests: [StrictRequest] = []
        /// What is wrong with what follows them, if anything.
        public var problem: String?
        /// What follows them: the begin of a request that was cut off.
        public var rest = ""
    }

    private let lock = NSLock()
    private var received: [Int: [UInt8]] = [:]
    private var origin: Origin?

    /// Listens on a port that the kernel chooses.
    public init() throws {
        origin = try Origin { [weak self] connection in
            var pending: [UInt8] = []
            while let self, self.answer(connection, &pending) {}
        }
    }

    /// Takes one request, or what there is of it; false at the end.
    private func answer(_ connection: OriginConnection, _ pending: inout [UInt8]) -> Bool {
        switch StrictRequest.read(pending[...]) {
        case .complete(let request, let count):
            pending.removeFirst(count)
            let body = request.method == "HEAD" ? "" : "ok"
            return connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\(body)")
        case .malformed:
            return false
        case .incomplete:
            guard let more = connection.readSome() else { return false }
            lock.withLock { received[connection.number, default: []] += more }
            pending += more
            return true
        }
    }

    /// Where it listens.
    public var address: SocketAddress { origin?.address ?? .ipv4(0, port: 0) }

    /// What came on each connection so far.
    public var records: [Record] {
        lock.withLock { received }.sorted { $0.key < $1.key }.map { RecordingOrigin.read($0.value) }
    }

    private static func read(_ bytes: [UInt8]) -> Record {
        var record = Record()
        var rest = bytes[...]
        while true {
            switch StrictRequest.read(rest) {
            case .complete(let request, let count):
                record.requests.append(request)
                rest = rest.dropFirst(count)
            case .malformed(let what):
                record.problem = what
                fallthrough
            case .incomplete:
                record.rest = String(String.UnicodeScalarView(rest.map { Unicode.Scalar($0) }))
                return record
            }
        }
    }
}
