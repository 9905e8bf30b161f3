import Foundation
import Platform
import TestSupport
import Testing

/// Attacks on one instance, all at once and for a while, and clients beside them that behave.
final class HostileSiege: @unchecked Sendable {
    /// How long the attacks are held, and how long at most where one was not repelled by then: on
    /// a busy machine it may take long until a flood is as fast as one has to be.
    private static let duration = (least: Duration.seconds(20), most: Duration.seconds(120))
    /// Where the attackers come from: limits for one address are not those of the others.
    static let attackers = SocketAddress.ipv4(0x7f00_0042, port: 0)

    let martlet: MartletInstance
    private let lock = NSLock()
    private let group = DispatchGroup()
    private var end = (least: MonotonicTime.distantFuture, most: MonotonicTime.distantFuture)
    private var attackCount = 0
    private var repelled: [String: Int] = [:]
    private var other: [String: String] = [:]
    private var served = 0
    private var failures: [String] = []
    private var peak = 0

    init(_ martlet: MartletInstance) { self.martlet = martlet }

    /// True exactly when the attacks are to stop.
    var isOver: Bool {
        let now = MonotonicTime.now()
        guard now < end.most else { return true }
        return now >= end.least && lock.withLock { repelled.count == attackCount }
    }

    /// Runs all attacks again and again, each on a thread of its own. An attack returns true where
    /// it was repelled as it should be; each must be at least once.
    func run(_ attacks: [(name: String, attack: @Sendable (HostileSiege) throws -> Bool)]) throws {
        let before = try martlet.process.memory().now
        let (now, duration) = (MonotonicTime.now(), HostileSiege.duration)
        end = (now + duration.least, now + duration.most)
        attackCount = attacks.count
        for (name, attack) in attacks {
            start {
                while !self.isOver {
                    do {
                        if try attack(self) {
                            self.lock.withLock { self.repelled[name, default: 0] += 1 }
                        }
                    } catch {
                        self.lock.withLock { self.other[name] = "\(error)" }
                    }
                    HostileSiege.rest(20)
                }
            }
        }
        start { self.behave() }
        start { self.behaveOnStreams() }
        start { self.watch() }
        group.wait()
        for (name, _) in attacks {
            #expect(repelled[name] ?? 0 > 0, "\(name): \(other[name] ?? "never repelled")")
        }
        #expect(failures.isEmpty, "\(failures.prefix(5))")
        #expect(served >= 20)
        let growth = peak - before
        #expect(growth < HostileSiege.memoryLimit + RunningProcess.sanitizerMemory, "\(growth)")
        #expect(try martlet.request("/after").status == 200)
    }

    private func start(_ body: @escaping @Sendable () -> Void) {
        group.enter()
        Foundation.Thread {
            body()
            self.group.leave()
        }.start()
    }

    /// A client of HTTP/1.1 from another address.
    private func behave() {
        do {
            let peer = try martlet.connect()
            while !isOver {
                try peer.send("GET /good HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let reply = try peer.reply()
                note(reply.status, "HTTP/1.1: \(reply.body)")
                HostileSiege.rest(50)
            }
        } catch {
            note(0, "HTTP/1.1: \(error)")
        }
    }

    /// Clients of HTTP/2, each of them with a handshake.
    private func behaveOnStreams() {
        do {
            while !isOver {
                let client = try StreamPeer(martlet)
                for number in 0..<20 where !isOver {
                    let reply = try client.get("/good", on: UInt32(1 + 2 * number))
                    note(reply.status, "HTTP/2: \(String(decoding: reply.body, as: UTF8.self))")
                    HostileSiege.rest(50)
                }
                try client.peer.finish()
            }
        } catch {
            note(0, "HTTP/2: \(error)")
        }
    }

    private func note(_ status: Int?, _ what: String) {
        lock.withLock {
            if status == 200 { served += 1 } else { failures.append("\(status ?? -1) \(what)") }
        }
    }

    private func watch() {
        while !isOver {
            let now = (try? martlet.process.memory().now) ?? 0
            lock.withLock { peak = max(peak, now) }
            HostileSiege.rest(100)
        }
    }

    /// Lets the others run.
    static func rest(_ milliseconds: Int64) {
        _ = Poll.wait([], timeout: .milliseconds(milliseconds))
    }

    /// Connects as an attacker.
    func attacker() throws -> Peer { try martlet.connect(from: HostileSiege.attackers) }

    /// Connects as an attacker with HTTP/2.
    ///
    /// - Parameter acknowledges: answers SETTINGS, which must not be between the frames of a field
    ///   section.
    func streams(
        _ settings: [(UInt16, UInt32)] = [], acknowledges: Bool = true
    ) throws -> StreamPeer {
        try StreamPeer(
            martlet, settings: settings, from: HostileSiege.attackers, acknowledges: acknowledges)
    }

    /// Reads what comes until something is true, the connection ends, or the siege.
    func read(_ client: StreamPeer, until isDone: () -> Bool = { false }) throws {
        while !isOver, !isDone(), !client.peer.isEnded {
            if client.peer.hasInput(within: .milliseconds(100)) { try client.receive() }
        }
    }

    /// True if the siege is not over, and `isRepelled`; says what came where it is not.
    func expect(_ isRepelled: Bool, _ client: StreamPeer) throws -> Bool {
        guard isRepelled || isOver else {
            let code = client.goAway.map { "\($0)" } ?? "none"
            let streams = client.streams.values.map { "\($0.status ?? 0) \($0.reset ?? 99)" }
            throw TestFailure("GOAWAY \(code), status and reset of streams: \(streams)")
        }
        return isRepelled
    }

    /// Sends frames without end; true where the server ends the connection with ENHANCE_YOUR_CALM.
    func flood(
        _ client: StreamPeer, begin: [UInt8] = [], pause: Int64 = 5,
        _ frames: (Int) -> [UInt8]
    ) throws -> Bool {
        try client.send(begin)
        var round = 0
        while !isOver, client.goAway == nil, !client.peer.isEnded {
            do {
                try client.send(frames(round))
            } catch {
                break
            }
            round += 1
            while client.peer.hasInput(within: .milliseconds(pause)), try client.receive() {}
        }
        while !isOver, client.goAway == nil, client.peer.hasInput(within: .seconds(1)),
            try client.receive()
        {}
        return try expect(client.goAway == 11, client)
    }

    /// What all attackers together may make the process hold.
    private static let memoryLimit = 64 << 20
}
