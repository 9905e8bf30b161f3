import Platform
import Synchronization
import TLS
import Testing

@testable import Proxy

@Suite("PasswordChecker")
struct PasswordCheckerTests {
    private func check(
        _ password: String, _ reply: Mailbox<WorkerMessage>, isKnown: Bool = true,
        for duration: Duration = .seconds(60), of client: UInt32 = 1
    ) -> PasswordCheck {
        PasswordCheck(
            digest: SHA256Digest(Array(password.utf8).span), password: Array(password.utf8),
            hash: "hash", isKnown: isKnown, deadline: MonotonicTime.now() + duration,
            client: SocketAddress.ipv4(client, port: 9).hostKey, reply: reply)
    }

    private func verdicts(_ reply: Mailbox<WorkerMessage>, _ count: Int) throws -> [PasswordVerdict]
    {
        var found: [PasswordVerdict] = []
        try Deadline.wait("\(count) verdicts") {
            for case .passwordChecked(let verdict) in reply.drain() { found.append(verdict) }
            return found.count == count
        }
        return found
    }

    @Test("A good password of a known name is good, nothing else is")
    func verdict() throws {
        let checker = try PasswordChecker(threads: 2) { password, hash in
            hash == "hash" && password == Array("good".utf8)
        }
        let reply = try Mailbox<WorkerMessage>()
        for (password, isKnown, isGood) in [
            ("good", true, true), ("good", false, false), ("bad", true, false),
        ] {
            #expect(checker.submit(check(password, reply, isKnown: isKnown)))
            let digest = SHA256Digest(Array(password.utf8).span)
            #expect(try verdicts(reply, 1) == [PasswordVerdict(digest: digest, isGood: isGood)])
        }
    }

    @Test("The queue takes as many as it may, and no more; nothing is lost")
    func capacity() throws {
        let gate = Gate()
        let checker = try PasswordChecker(threads: 1, capacity: 3, share: 3) { _, _ in
            gate.pass()
            return true
        }
        let reply = try Mailbox<WorkerMessage>()
        #expect(checker.submit(check("running", reply)))
        try gate.waitForArrivals(1)
        for number in 0..<3 { #expect(checker.submit(check("\(number)", reply))) }
        #expect(!checker.submit(check("3", reply)))
        gate.open()
        #expect(try verdicts(reply, 4).allSatisfy(\.isGood))
        #expect(checker.submit(check("4", reply)))
        _ = try verdicts(reply, 1)
    }

    @Test("A client has an eighth of the queue, and leaves the rest to others")
    func share() throws {
        let gate = Gate()
        let checker = try PasswordChecker(threads: 1, capacity: 16) { _, _ in
            gate.pass()
            return true
        }
        let reply = try Mailbox<WorkerMessage>()
        #expect(checker.submit(check("running", reply)))
        try gate.waitForArrivals(1)
        for number in 0..<2 { #expect(checker.submit(check("\(number)", reply))) }
        #expect(!checker.submit(check("2", reply)))
        for client in 2...8 {
            for number in 0..<2 {
                #expect(checker.submit(check("\(number)", reply, of: UInt32(client))))
            }
        }
        #expect(!checker.submit(check("full", reply, of: 9)))
        gate.open()
        #expect(try verdicts(reply, 17).allSatisfy(\.isGood))
        // What has been looked at gives its place back.
        for number in 0..<2 { #expect(checker.submit(check("\(number)", reply))) }
        _ = try verdicts(reply, 2)
    }

    @Test("What nobody waits for any more is not looked at")
    func expired() throws {
        let gate = Gate()
        gate.open()
        let checker = try PasswordChecker(threads: 1) { _, _ in
            gate.pass()
            return true
        }
        let reply = try Mailbox<WorkerMessage>()
        #expect(checker.submit(check("late", reply, for: .zero)))
        #expect(checker.submit(check("here", reply)))
        let here = SHA256Digest(Array("here".utf8).span)
        #expect(try verdicts(reply, 1).map(\.digest) == [here])
        #expect(gate.arrivals == 1)
    }
}

/// Where checks of passwords stop until a test lets them on.
final class Gate: Sendable {
    private let state = Mutex((isOpen: false, arrivals: 0))

    /// How many came.
    var arrivals: Int { state.withLock { $0.arrivals } }

    /// Waits for the gate.
    func pass() {
        state.withLock { $0.arrivals += 1 }
        while !state.withLock({ $0.isOpen }) { _ = Poll.wait([], timeout: .milliseconds(1)) }
    }

    /// Lets everybody through from now on.
    func open() { state.withLock { $0.isOpen = true } }

    /// Waits until so many came.
    func waitForArrivals(_ count: Int) throws {
        try Deadline.wait("\(count) arrivals") { arrivals == count }
    }
}
