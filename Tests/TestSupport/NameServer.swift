import Foundation
public import Platform

/// A name server on the loopback, by UDP and TCP, that answers as a test tells it.
public final class NameServer: @unchecked Sendable {
    /// What it says of a name.
    public enum Answer: Sendable {
        /// These records, as it writes them: their type, seconds and content.
        case records([DNSWire.Record])
        /// The same, but by UDP only that there is more.
        case truncated([DNSWire.Record])
        /// That it cannot tell (SERVFAIL).
        case failure
        /// Nothing at all.
        case silence
        /// These bytes behind a head that fits the question.
        case garbage([UInt8])
    }

    /// Where it listens.
    public let address: SocketAddress
    private let lock = NSLock()
    private var answers: [String: Answer] = [:]
    private var asked: [String: Int] = [:]
    private let stopping = AtomicFlag()
    private let datagrams: CInt
    private let listener: Socket

    /// Listens on a port that is free for both.
    public init() throws {
        var port: UInt16 = 0
        var raw: CInt = -1
        for _ in 0..<50 where raw < 0 {
            port = try SocketAddress.vacantPort()
            raw = NameServer.bind(port: port)
        }
        guard raw >= 0 else { throw TestFailure("no port for a name server") }
        address = .ipv4(0x7f00_0001, port: port)
        datagrams = raw
        listener = try Socket.listen(on: address, reusePort: false, backlog: 16)
        Foundation.Thread { [self] in serve() }.start()
    }

    /// Says what it answers from now on; the type is `A`, `AAAA` or `SRV`.
    public func set(_ name: String, _ type: String, _ answer: Answer) {
        lock.withLock { answers["\(name) \(type)"] = answer }
    }

    /// Says that a name has these IPv4 addresses, and no others.
    public func set(_ name: String, ttl: UInt32 = 60, addresses: String...) {
        let records = addresses.map { DNSWire.Record.ipv4($0, ttl: ttl) }
        set(name, "A", .records(records))
    }

    /// Forgets all.
    public func clear() { lock.withLock { answers = [:] } }

    /// How often something was asked for.
    public func count(_ name: String, _ type: String) -> Int {
        lock.withLock { asked["\(name) \(type)"] ?? 0 }
    }

    /// Waits until something was asked for so often.
    public func wait(_ name: String, _ type: String, count wanted: Int) throws {
        let deadline = Date().addingTimeInterval(60)
        while count(name, type) < wanted {
            guard Date() < deadline else {
                throw TestFailure("\(name) \(type) was asked for \(count(name, type)) times")
            }
            _ = Poll.wait([], timeout: .milliseconds(20))
        }
    }

    /// Ends it.
    public func stop() { stopping.set() }

    private static func bind(port: UInt16) -> CInt {
        let raw = socket(AF_INET, CInt(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        // SAFETY: owner: this frame; bound: the size of the address is passed.
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Foundation.bind(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(raw)
            return -1
        }
        return raw
    }

    private func serve() {
        while !stopping.isSet {
            let ready = Poll.wait(
                [datagrams, listener.rawDescriptor], timeout: .milliseconds(50))
            if ready[0] { answerDatagram() }
            if ready[1], case .accepted(let socket, _) = listener.accept() {
                let connection = OriginConnection(socket, number: 0) { _ in }
                let size = Array(connection.read(bytes: 2))
                let count = size.count == 2 ? Int(size[0]) << 8 | Int(size[1]) : 0
                if let answer = answer(to: connection.read(bytes: count), isTCP: true) {
                    connection.send(
                        [UInt8(answer.count >> 8), UInt8(answer.count & 0xff)] + answer)
                }
            }
        }
        close(datagrams)
    }

    private func answerDatagram() {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var peer = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        // SAFETY: owner: this frame; bound: the sizes of buffer and address are passed.
        unsafe withUnsafeMutablePointer(to: &peer) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { peer in
                let count = unsafe recvfrom(datagrams, &buffer, 4096, 0, peer, &length)
                guard count > 0,
                    let answer = answer(to: Array(buffer[..<count]), isTCP: false)
                else { return }
                _ = unsafe sendto(datagrams, answer, answer.count, 0, peer, length)
            }
        }
    }

    private func answer(to query: [UInt8], isTCP: Bool) -> [UInt8]? {
        guard let question = DNSWire.Question(query) else { return nil }
        let key = "\(question.name) \(question.type)"
        let (answer, isKnown) = lock.withLock {
            if !isTCP { asked[key, default: 0] += 1 }
            let isKnown = answers.keys.contains { $0.hasPrefix(question.name + " ") }
            return (answers[key], isKnown)
        }
        switch answer {
        case .none: return question.reply(code: isKnown ? 0 : 3, [])
        case .records(let records): return question.reply(code: 0, records)
        case .truncated(let records):
            return isTCP
                ? question.reply(code: 0, records) : question.reply(code: 0, [], isTruncated: true)
        case .failure: return question.reply(code: 2, [])
        case .silence: return nil
        case .garbage(let bytes): return question.reply(code: 0, [], count: 1) + bytes
        }
    }
}
