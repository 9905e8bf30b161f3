public import Platform
internal import Synchronization

/// A few threads that look at passwords, each of which costs a processor up to seconds: no worker
/// waits for it.
///
/// The queue is bounded, and so is what one client has in it: who floods it with wrong passwords
/// makes others wait a little for theirs, and memory stays what it is.
public final class PasswordChecker: Sendable {
    /// What the threads share; they keep it alive, not the checker.
    private final class Queue: Sendable {
        struct State {
            var checks: [PasswordCheck] = []
            /// How many of them each client has.
            var clients: [AddressKey: Int] = [:]
            var isStopping = false
        }

        let state = Mutex(State())
        /// Readable exactly when there is something to take, or nothing ever will be.
        let event: EventDescriptor

        init() throws(SystemError) { event = try EventDescriptor() }
    }

    private let queue: Queue
    private let capacity: Int
    private let share: Int

    /// Starts the threads.
    ///
    /// - Parameters:
    ///   - share: how many passwords of one client wait at most; an eighth where nothing is said.
    ///   - matches: whether a password is that of a hash.
    public init(
        threads: Int, capacity: Int = PasswordChecker.standardCapacity, share: Int? = nil,
        matches: @escaping @Sendable ([UInt8], String) -> Bool = { password, hash in
            PasswordHash.matches(password, hash: hash)
        }
    ) throws(SystemError) {
        queue = try Queue()
        self.capacity = capacity
        self.share = share ?? max(1, capacity / 8)
        for index in 0..<threads {
            let queue = queue
            _ = try Thread.start(name: "passwords-\(index)", cpu: nil) {
                Thread.stepBack()
                PasswordChecker.run(queue, matches)
            }
        }
    }

    deinit {
        queue.state.withLock { $0.isStopping = true }
        queue.event.signal()
    }

    /// Lets a password be looked at; false where too many wait already, or too many of one client.
    func submit(_ check: PasswordCheck) -> Bool {
        queue.state.withLock { state in
            let others = state.clients[check.client, default: 0]
            guard state.checks.count < capacity, others < share else { return false }
            state.clients[check.client] = others + 1
            state.checks.append(check)
            if state.checks.count == 1 { queue.event.signal() }
            return true
        }
    }

    private static func run(
        _ queue: Queue, _ matches: @Sendable ([UInt8], String) -> Bool
    ) {
        while true {
            _ = Poll.wait([queue.event.rawDescriptor], timeout: nil)
            let (check, isStopping) = take(queue)
            if isStopping { return }
            guard let check, check.deadline > MonotonicTime.now() else { continue }
            let isGood = matches(check.password, check.hash) && check.isKnown
            check.reply.post(
                .passwordChecked(PasswordVerdict(digest: check.digest, isGood: isGood)))
        }
    }

    private static func take(_ queue: Queue) -> (PasswordCheck?, Bool) {
        queue.state.withLock { state in
            if state.isStopping { return (nil, true) }
            guard !state.checks.isEmpty else { return (nil, false) }
            let check = state.checks.removeFirst()
            let others = state.clients[check.client, default: 1] - 1
            state.clients[check.client] = others > 0 ? others : nil
            if state.checks.isEmpty { queue.event.drain() }
            return (check, false)
        }
    }

    /// How many passwords wait at most: with hashes of 100 ms each, what a thread gets done within
    /// the time that a request waits.
    public static let standardCapacity = 128
}
