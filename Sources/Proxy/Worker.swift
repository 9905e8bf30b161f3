internal import Bytes
internal import HTTP
internal import Platform
internal import TLS
internal import Telemetry

/// One event loop on one thread: it accepts, reads, decides, relays and accounts, and shares
/// nothing while serving.
///
/// Worker only: made, run and freed on its own thread; a value, of which there is no copy, since
/// the compiler then proves that no two accesses to its properties overlap, where it would have a
/// class check at run time some 140 times for a request. The loop pulls: it waits for a batch of
/// events, reads the clock once, and works through the batch; nothing calls back. What each kind of
/// event leads to stands in the extensions.
struct Worker: ~Copyable {
    let plan: WorkerPlan
    var metrics: WorkerMetrics
    let events: WorkerEvents
    let buffers = BufferPool()

    var poller: Poller
    var wheel: TimerWheel
    /// The time of the present tick.
    var now: MonotonicTime

    /// What is served at present; nil until the first snapshot arrives.
    var installed: InstalledSnapshot?
    var listeners: [ListenerBinding] = []
    var downstreams = SlotTable<DownstreamConnection>()
    var upstreams = SlotTable<UpstreamConnection>()
    /// The pools of every server that is or was named by a snapshot and still has connections.
    var pools: [UpstreamKey: UpstreamPool] = [:]
    /// How many connections each client address has.
    var clients: [AddressKey: Int] = [:]

    /// Ciphertext on its way into a session; empty between events.
    var scratch: ByteQueue
    /// Small pieces of one response on their way into one TLS record; empty between events.
    var stage: ByteQueue
    /// The head of an HTTP/2 message before it is submitted.
    var message = HTTP2Message()
    /// Connections with output to send, at the end of the turn at the latest.
    var dirtyDownstreams: [DownstreamConnection] = []
    var dirtyUpstreams: [UpstreamConnection] = []
    /// The same for those that wait for that end: clients of HTTP/2 and shared connections, since
    /// more streams may add to one write, and servers whose end is known and read before.
    var gatheringDownstreams: [DownstreamConnection] = []
    var gatheringUpstreams: [UpstreamConnection] = []
    /// Connections that have more to do than their share of this tick.
    var readyDownstreams: [DownstreamConnection] = []
    var readyUpstreams: [UpstreamConnection] = []
    /// Clients that have asked for the end, and were sent all.
    var finalDownstreams: [DownstreamConnection] = []
    /// Connections to close at the end of the tick.
    var closedDownstreams: [DownstreamConnection] = []
    var closedUpstreams: [UpstreamConnection] = []
    /// Backends of which requests wait for a server.
    var waiting: [BackendTally] = []
    /// Backends of which requests are held until a server is back.
    var holding: [BackendTally] = []
    /// What is under way for each backend of the installed snapshot, by its name, and for those
    /// that are gone and still used.
    var tallies: [String: BackendTally] = [:]
    /// What is under way to the installed snapshot's servers, and to others until it has ended.
    var serverLoads: [ServerLoad.Key: ServerLoad] = [:]
    /// Ended exchanges, to be used again.
    var spareExchanges: [Exchange] = []

    /// Names and passwords that were found good lately, and exchanges that wait for theirs.
    var knownPasswords = KnownPasswords()
    var pendingPasswords = PendingPasswords()
    /// Where ids of requests and traces come from.
    var identifiers = IdentifierSource()

    let record = AccessRecord()
    var accessLog: LogChannel?
    var accessLine: ByteQueue
    /// The sink that `accessLog` writes to, to notice a change.
    var accessSink: LogSink?

    /// When accepting resumes after a pause; nil while it goes on.
    var acceptsAgainAt: MonotonicTime?
    /// When a pause is reported again: it may last, and an operator needs to be told now and then.
    var pauseToldAgainAt = MonotonicTime(nanoseconds: 0)
    /// True exactly when a server's connection has ever belonged to a client: where none has, none
    /// is looked for.
    var hasOwners = false
    /// True exactly when everything that epoll knew has been heard of servers.
    var hasSeenAll = true
    /// How many turns the loop has made.
    var turnCount = 1
    /// How many reads have brought much in the last turn and in this one.
    var largeReads = (last: 0, now: 0)
    /// When a drain is over; nil while there is none.
    var drainDeadline: MonotonicTime?
    var isStopping = false
    /// How short memory is.
    var pressure = MemoryPressure.none

    init(_ plan: WorkerPlan) throws(SystemError) {
        let poller = try Poller(maximumEvents: Worker.eventsPerBatch)
        try poller.add(
            plan.mailbox.rawDescriptor, token: Token.mailbox.packed, interest: [.readable])
        self.poller = poller
        self.plan = plan
        metrics = plan.registry.makeWorkerMetrics()
        events = WorkerEvents(log: plan.events, failures: plan.registry.handshakeFailures)
        now = plan.clock.now()
        wheel = TimerWheel(start: now)
        scratch = ByteQueue(pool: buffers)
        stage = ByteQueue(pool: buffers)
        accessLine = ByteQueue(pool: buffers)
    }

    /// The body of the worker's thread.
    static func main(_ plan: WorkerPlan) {
        do throws(SystemError) {
            var worker = try Worker(plan)
            worker.run()
        } catch {
            plan.events.emit(
                .error, .internalError, ("worker", .int(plan.index)), ("error", .text("\(error)")))
            plan.reports.post(.stopped(worker: plan.index, aborted: 0))
        }
    }

    /// Serves until told to stop.
    mutating func run() {
        while !isStopping { turn(until: nextWake()) }
        closeEverything()
    }

    /// One turn of the loop, which waits for events until `wake`. The order is the policy: who was
    /// cut short in the last turn comes after who is new, time is up only for those who have had
    /// their turn, and nothing is freed while anyone may still refer to it. Servers come before
    /// clients: an idle connection that has ended, or says what nobody has asked for, is not to be
    /// taken for a request of the same batch. In a long batch the first do not wait for the last:
    /// where many have output, it goes out.
    mutating func turn(until wake: MonotonicTime?) {
        let count = poller.wait(until: wake, now: now)
        now = plan.clock.now()
        turnCount += 1
        largeReads = (largeReads.now, 0)
        hearServers(count)
        hearClients(count)
        serveReady()
        expireTimers()
        serveHeld()
        _ = serveWaiting()
        expirePasswords()
        flushDirty()
        // What ends while it is sent makes room as well.
        while serveWaiting() { flushDirty() }
        closeFinal()
        releaseClosed()
        accessLog?.flush()
        if let deadline = drainDeadline { continueDrain(deadline) }
    }

    /// Works through what a batch of so many events says of servers. Requests wait until all are
    /// heard: one that is repeated could meet an idle connection that has ended.
    mutating func hearServers(_ count: Int) {
        // What an idle connection has brought may stand further back in the batch.
        hasSeenAll = false
        defer { hasSeenAll = count < Worker.eventsPerBatch }
        for index in 0..<count {
            let event = poller.event(index)
            if case .upstream(let id) = Token(packed: event.token) { upstreamEvent(id, event) }
            if dirtyDownstreams.count >= Worker.manyDirty { flushClients() }
        }
    }

    /// Works through what a batch of so many events says of everybody else.
    mutating func hearClients(_ count: Int) {
        for index in 0..<count {
            let event = poller.event(index)
            switch Token(packed: event.token) {
            case .mailbox: drainMailbox()
            case .listener(let listener): acceptBatch(listener)
            case .downstream(let id): downstreamEvent(id, event)
            case .upstream: break
            }
            flushMany()
        }
    }

    /// When the loop must wake up although nothing happens.
    private mutating func nextWake() -> MonotonicTime? {
        if !readyDownstreams.isEmpty || !readyUpstreams.isEmpty { return now }
        var wake = sooner(wheel.nextExpiry, acceptsAgainAt)
        wake = sooner(wake, drainDeadline)
        wake = sooner(wake, pendingPasswords.nextDeadline)
        for tally in waiting {
            for load in tally.waiting {
                guard let first = load.line.first else { continue }
                wake = sooner(wake, sooner(first.waitDeadline, nextReturn(for: first)))
                wake = sooner(wake, load.soonestReturned)
            }
        }
        for tally in holding { wake = sooner(wake, tally.held.nextWake) }
        return wake
    }

    /// The earlier one of two times that there may be; an array of them would be made each turn.
    private func sooner(_ left: MonotonicTime?, _ right: MonotonicTime?) -> MonotonicTime? {
        guard let left, let right else { return left ?? right }
        return min(left, right)
    }

    /// When the next server comes back of those that are left out for a while.
    private func nextReturn(for exchange: Exchange) -> MonotonicTime {
        guard let place = exchange.backend?.current(for: exchange) else { return .distantFuture }
        return place.pools.reduce(.distantFuture) { next, pool in
            [pool.standing.avoidedUntil, pool.standing.ejectedUntil]
                .reduce(next) { $1 > now ? min($0, $1) : $0 }
        }
    }

    /// How many events are taken from the kernel at a time.
    static let eventsPerBatch = 256
    /// From how many connections on output leaves although others are still to be heard. To send
    /// each at once would wake who is on the other side for each, and this worker again for what
    /// they say: of more and shorter batches a request costs up to 7 % more.
    static let manyDirty = 16
    /// How many connections are accepted from one listener in one turn at most.
    static let acceptsPerTurn = 64
    /// How long accepting pauses when descriptors or connections run out.
    static let acceptPause = Duration.milliseconds(250)
    /// How often a pause of accepting is reported at most.
    static let pauseReportInterval = Duration.seconds(10)
    /// How long a client that has just connected may take to ask when a drain begins.
    static let freshness = Duration.seconds(1)
    /// How large a head may have been for its exchange to be kept.
    static let spareHeadBytes = 8_192
    /// How many ended exchanges are kept.
    static let spareExchangeLimit = 512
}

/// What epoll's 64-bit word says of an event: which table, which slot, which generation.
enum Token {
    case mailbox
    case listener(Int)
    case downstream(SlotID)
    case upstream(SlotID)

    /// The kind stands in the two highest bits of the slot's index, which no table ever reaches.
    init(packed: UInt64) {
        let index = UInt32(truncatingIfNeeded: packed) & 0x3fff_ffff
        let id = SlotID(index: index, generation: UInt32(truncatingIfNeeded: packed >> 32))
        switch packed >> 30 & 3 {
        case 0: self = .downstream(id)
        case 1: self = .upstream(id)
        case 2: self = .listener(Int(index))
        default: self = .mailbox
        }
    }

    var packed: UInt64 {
        switch self {
        case .downstream(let id): id.packed
        case .upstream(let id): id.packed | 1 << 30
        case .listener(let index): UInt64(index) | 2 << 30
        case .mailbox: 3 << 30
        }
    }
}
