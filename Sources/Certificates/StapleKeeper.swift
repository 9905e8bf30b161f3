public import Platform
internal import Synchronization
public import TLS

/// Keeps certificates stapled: asks their authorities' responders on a thread of its own, so that
/// neither handshakes nor the control thread ever wait for one, and puts what they say into the
/// credentials' slots, from where handshakes take it.
///
/// The thread begins with the first certificate that needs it. All functions may be called by any
/// thread, and none waits for a responder but `obtain`, which says how long.
public final class StapleKeeper: Sendable {
    private enum Message: Sendable {
        case keep([StapleSubject], awaited: [StapleSubject])
        case obtain([StapleSubject], reply: Mailbox<Bool>)
        case stop
    }

    private let folder: StapleFolder?
    private let journal: StapleJournal
    private let arrived: @Sendable () -> Void
    private let mailbox: Mailbox<Message>
    private let isRunning = Mutex(false)

    /// Makes a keeper that has nothing to do yet.
    ///
    /// - Parameters:
    ///   - state: the state directory, where staples outlive the process; nil to keep none.
    ///   - isReadOnly: true exactly when that directory is only read.
    ///   - arrived: called on the keeper's thread when a certificate that `obtain` could not staple
    ///     in time has got its staple.
    public init(
        state: String?, isReadOnly: Bool = false, journal: StapleJournal,
        arrived: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        folder = state.map { StapleFolder(in: $0, isReadOnly: isReadOnly) }
        self.journal = journal
        self.arrived = arrived
        mailbox = try Mailbox<Message>()
    }

    deinit { mailbox.post(.stop) }

    /// Staples a certificate with what an earlier process has kept, if that is still good.
    public func restore(_ credential: Credential, now: WallTime) {
        guard credential.staple.staple == nil, let bytes = folder?.read(credential) else { return }
        do throws(OCSPError) {
            guard
                case .good(let staple) = try credential.judge(
                    ocspResponse: bytes, now: now.seconds)
            else { return }
            credential.staple.replace(staple)
        } catch {
            // It has expired while nobody was there to replace it; the responder is asked instead.
            return
        }
    }

    /// Looks after these certificates from now on, in place of those before.
    ///
    /// - Parameter awaited: those that are not in service yet, for want of a staple.
    public func keep(_ subjects: [StapleSubject], awaited: [StapleSubject] = []) {
        guard !subjects.isEmpty || isRunning.withLock({ $0 }) else { return }
        start()
        mailbox.post(.keep(subjects, awaited: awaited))
    }

    /// Asks about certificates that cannot be served without a staple, and waits until each has
    /// been asked about once, `patience` at most, and not once the process is to end; whether it
    /// came, their slots say.
    public func obtain(_ subjects: [StapleSubject], patience: Duration) {
        start()
        do throws(SystemError) {
            let reply = try Mailbox<Bool>()
            mailbox.post(.obtain(subjects, reply: reply))
            _ = Poll.wait(
                [reply.rawDescriptor], timeout: patience, unlessPending: Signal.endings)
        } catch {
            note("\(error)", subjects)
        }
    }

    /// Ends the thread; a responder that is being asked is not waited for.
    public func stop() { mailbox.post(.stop) }

    private func note(_ reason: String, _ subjects: [StapleSubject]) {
        guard let first = subjects.first else { return }
        journal.noted(first.credential, sites: [first.site], reason: reason)
    }

    private func start() {
        isRunning.withLock { isRunning in
            guard !isRunning else { return }
            let world = StapleBook.World(
                now: { WallTime.now().seconds }, chance: { Double.random(in: 0..<1) },
                ask: { (url, request) throws(OCSPError) in
                    try OCSPClient.ask(url, request: request, timeout: StapleKeeper.timeout)
                })
            let book = StapleBook(world: world, folder: folder, journal: journal)
            let mailbox = self.mailbox
            let arrived = self.arrived
            // Without a thread nothing is stapled, which the metrics say.
            isRunning =
                (try? Thread.start(name: "ocsp", cpu: nil) {
                    StapleKeeper.run(book, mailbox, arrived)
                }) != nil
        }
    }

    private static func run(
        _ empty: StapleBook, _ mailbox: Mailbox<Message>, _ arrived: () -> Void
    ) {
        var book = empty
        while true {
            for message in mailbox.drain() {
                switch message {
                case .keep(let subjects, let awaited): book.keep(subjects, awaited: awaited)
                case .obtain(let subjects, let reply):
                    book.obtain(subjects)
                    reply.post(true)
                case .stop: return
                }
            }
            let (next, hasArrived) = book.step()
            if hasArrived { arrived() }
            // The clock may be set: it is looked at from time to time.
            let pause = min(next.map { $0 - WallTime.now().seconds } ?? longestPause, longestPause)
            if pause > 0 {
                _ = Poll.wait([mailbox.rawDescriptor], timeout: .seconds(pause))
            }
        }
    }

    /// In seconds.
    private static let longestPause: Int64 = 60
    /// For connecting to a responder, and for its answer.
    private static let timeout = Duration.seconds(5)
}
