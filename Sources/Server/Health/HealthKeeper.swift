internal import Platform
internal import Proxy
internal import Synchronization

/// Looks after the health of servers on a thread of its own, so that neither workers nor the
/// control thread ever wait for one.
///
/// The thread begins with the first backend that asks for it. Any thread.
final class HealthKeeper: Sendable {
    /// What the thread is told.
    enum Message: Sendable {
        /// These backends are looked after from now on.
        case follow([HealthGroup])
        /// Nothing more is to be done.
        case stop
    }

    /// Where workers report servers that fail requests.
    let reports: Mailbox<OutlierReport>
    private let board: StandingBoard
    private let journal: HealthJournal
    private let mailbox: Mailbox<Message>
    /// How many checks there may be at once.
    private let limit: Int
    private let thread = Mutex<Thread?>(nil)

    /// Makes a keeper that has nothing to do yet.
    ///
    /// - Parameter descriptors: how many the process may have.
    init(board: StandingBoard, journal: HealthJournal, descriptors: Int) throws(SystemError) {
        self.board = board
        self.journal = journal
        limit = max(8, min(HealthKeeper.mostProbes, descriptors / 8))
        reports = try Mailbox<OutlierReport>()
        mailbox = try Mailbox<Message>()
    }

    /// Looks after these backends from now on, in place of those before; what is known of servers
    /// that stay is kept, and told to the workers anew.
    ///
    /// Called after workers were given the snapshot that has them.
    func follow(_ groups: [HealthGroup]) {
        let isRunning = thread.withLock { thread in
            if thread == nil, groups.contains(where: \.isLookedAfter) { thread = start() }
            return thread != nil
        }
        if isRunning { mailbox.post(.follow(groups)) }
    }

    /// Ends the thread and waits for it; checks under way are given up.
    func stop() {
        mailbox.post(.stop)
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private func start() -> Thread? {
        let (board, journal, limit) = (self.board, self.journal, self.limit)
        let (mailbox, reports) = (self.mailbox, self.reports)
        do throws(SystemError) {
            return try Thread.start(name: "health", cpu: nil) {
                HealthLoop.main(
                    .init(
                        mailbox: mailbox, reports: reports, board: board, journal: journal,
                        limit: limit))
            }
        } catch {
            journal.failed(error)
            return nil
        }
    }

    /// As many as hundreds of servers that hang need at once; a check is small.
    private static let mostProbes = 512
}
