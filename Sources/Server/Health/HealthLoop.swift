internal import Config
internal import Platform
internal import Proxy
internal import Telemetry

/// The loop of the health thread: it begins checks when they are due, goes on with those of which
/// something is heard, ends those whose time is over, and tells what has come of it.
///
/// Nothing in it waits for a server, so that one thread looks after hundreds.
struct HealthLoop: ~Copyable {
    /// What the loop is connected to.
    struct Surroundings: Sendable {
        let mailbox: Mailbox<HealthKeeper.Message>
        let reports: Mailbox<OutlierReport>
        let board: StandingBoard
        let journal: HealthJournal
        /// How many checks there may be at once.
        let limit: Int
    }

    private let surroundings: Surroundings
    private var poller: Poller
    private var book = HealthBook()
    /// For each place the begin of its next check, or the end of the time of the one under way.
    private var wheel: TimerWheel
    /// The checks under way, by place.
    private var probes: [Int: CheckProbe] = [:]
    /// Places whose check is due and waits for another to end.
    private var waiting: [Int] = []
    /// How many checks have begun.
    private var serial: UInt32 = 0
    private var now: MonotonicTime
    private var isStopping = false

    /// The body of the thread.
    static func main(_ surroundings: Surroundings) {
        do throws(SystemError) {
            var loop = try HealthLoop(surroundings)
            while !loop.isStopping { loop.turn() }
        } catch {
            surroundings.journal.failed(error)
        }
    }

    private init(_ surroundings: Surroundings) throws(SystemError) {
        self.surroundings = surroundings
        let poller = try Poller(maximumEvents: 128)
        try poller.add(
            surroundings.mailbox.rawDescriptor, token: HealthLoop.mailboxToken,
            interest: [.readable])
        try poller.add(
            surroundings.reports.rawDescriptor, token: HealthLoop.reportsToken,
            interest: [.readable])
        self.poller = poller
        now = MonotonicTime.now()
        wheel = TimerWheel(start: now)
    }

    private mutating func turn() {
        now = MonotonicTime.now()
        let wakes = [wheel.nextExpiry, book.nextReadmission].compactMap { $0 }
        let count = poller.wait(until: wakes.min(), now: now)
        now = MonotonicTime.now()
        for index in 0..<count { handle(poller.event(index)) }
        book.readmit(moment)
        while let place = wheel.popExpired(now: now) { expire(Int(place)) }
        startWaiting()
        tellNews()
    }

    private var moment: HealthBook.Moment { .init(monotonic: now, wall: WallTime.now()) }

    private mutating func handle(_ event: Poller.Event) {
        switch event.token {
        case HealthLoop.mailboxToken:
            for message in surroundings.mailbox.drain() {
                switch message {
                case .follow(let groups): follow(groups)
                case .stop: isStopping = true
                }
            }
        case HealthLoop.reportsToken:
            for report in surroundings.reports.drain() { book.report(report, moment) }
        default:
            let place = Int(UInt32(truncatingIfNeeded: event.token))
            // An event of the same batch may be of a check that has been given up.
            guard let probe = probes[place], probe.token == event.token,
                let verdict = probe.advance(event)
            else { return }
            finish(place, probe, verdict)
        }
    }

    private mutating func follow(_ groups: [HealthGroup]) {
        surroundings.board.keep(groups.flatMap(\.servers), backends: groups.map(\.backend))
        surroundings.journal.keep(groups)
        let (fresh, left) = book.adopt(groups, moment)
        for place in left + fresh {
            probes[place] = nil
            wheel.cancel(UInt32(place))
        }
        waiting.removeAll { place in left.contains(place) || fresh.contains(place) }
        for place in fresh { begin(place) }
    }

    /// The time of a place has come: for its next check, or for an end of the one under way.
    private mutating func expire(_ place: Int) {
        guard let probe = probes[place], let check = book.record(place)?.check else {
            begin(place)
            return
        }
        finish(place, probe, probe.timeOut(check.timeout))
    }

    private mutating func begin(_ place: Int) {
        guard let record = book.record(place), let check = record.check else { return }
        guard probes.count < surroundings.limit else {
            waiting.append(place)
            return
        }
        serial &+= 1
        do throws(SystemError) {
            let probe = try CheckProbe(
                record.subject, check, token: UInt64(serial) << 32 | UInt64(place), now: now)
            watch(probe, place, check.timeout)
        } catch {
            schedule(place, after: now)
            guard book.isJudged(place, by: error) else { return }
            conclude(place, .unreachable(error, isAtOwnPort: check.port == nil))
        }
    }

    private mutating func watch(_ probe: CheckProbe, _ place: Int, _ timeout: Duration) {
        do throws(SystemError) {
            try poller.add(
                probe.rawDescriptor, token: probe.token,
                interest: [.readable, .writable, .peerClosed, .edgeTriggered])
            probes[place] = probe
            wheel.schedule(UInt32(place), at: now + timeout)
        } catch {
            // That is no fault of the server's, either.
            schedule(place, after: now)
        }
    }

    private mutating func finish(_ place: Int, _ probe: CheckProbe, _ verdict: CheckVerdict) {
        probes[place] = nil
        schedule(place, after: probe.startedAt)
        conclude(place, verdict)
    }

    private mutating func schedule(_ place: Int, after start: MonotonicTime) {
        guard let check = book.record(place)?.check else { return }
        let next = CheckSchedule(interval: check.interval)
            .next(after: start, now: now, chance: Double.random(in: 0..<1))
        wheel.schedule(UInt32(place), at: next)
    }

    private mutating func conclude(_ place: Int, _ verdict: CheckVerdict) {
        book.finished(place, verdict, moment)
        guard let record = book.record(place) else { return }
        surroundings.journal.checked(record.subject, verdict.result)
        surroundings.board.note(record.status, of: record.subject)
    }

    private mutating func startWaiting() {
        let room = max(0, surroundings.limit - probes.count)
        let chosen = waiting.prefix(room)
        waiting.removeFirst(chosen.count)
        for place in chosen { begin(place) }
    }

    /// Metrics and workers are told before the log, so that whoever reads of it finds it done.
    private mutating func tellNews() {
        let news = book.takeNews()
        var standings: [ServerLabel: ServerStanding] = [:]
        for place in news.places {
            guard let record = book.record(place), let standing = book.standing(place) else {
                continue
            }
            let isLookedAfter = book.groups[record.group].isLookedAfter
            surroundings.journal.settled(record)
            surroundings.board.note(isLookedAfter ? record.status : nil, of: record.subject)
            standings[record.subject.label] = standing
        }
        surroundings.board.take(standings)
        for change in news.changes { surroundings.journal.tell(change) }
    }

    private static let mailboxToken: UInt64 = 0
    private static let reportsToken: UInt64 = 1
}
