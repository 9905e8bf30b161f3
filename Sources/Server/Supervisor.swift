internal import Bytes
internal import Certificates
internal import Config
internal import Platform
internal import Proxy
internal import Synchronization
internal import TLS
internal import Telemetry

/// The life of an instance: start, reload, drain, stop. Everything slow happens here, on the
/// control thread; workers only ever get finished snapshots by message.
///
/// Control thread only, except for `state`, which the admin endpoint reads.
public final class Supervisor {
    let source: ConfigSource
    let registry = MetricsRegistry()
    /// The keys that this process seals session tickets with; they outlive every configuration.
    var ticketKeys: TicketKeyRing
    /// The key that seals them, be it one of these or of a file.
    var sealingKey = SealingKey()
    /// Which tickets have brought early data; a reload must not forget them.
    let earlyData: EarlyDataGate
    let descriptorLimit: Int
    /// What no reload changes.
    let fixed: FixedSettings

    var config: ProxyConfig
    var builder: SnapshotBuilder
    /// What is being served, by site.
    var certificates: [[Credential]] = []
    /// What is shown to servers, by backend.
    var backendCertificates: [String: Credential] = [:]
    var listeners = ListenerSet()
    var crew: WorkerCrew
    var watch: FileWatch
    /// What the files of the configuration that was built last looked like before they were read.
    var stamps: [String: FileStatus] = [:]
    var expiry = ExpiryWatch()
    let eventSink: LogSink
    let events: EventLog
    var accessSink: LogSink?
    var admin: ControlServer?
    /// Admin endpoints at former addresses, until their last requests have ended.
    var retired: [ControlServer] = []
    var generation: UInt64 = 0

    /// Requests of the admin endpoint to the control thread.
    let commands: Mailbox<ControlCommand>
    let stapleKeeper: StapleKeeper
    /// What finds servers by names and files.
    let discovery: Discovery
    /// What is being served; nil before anything is.
    var snapshot: RuntimeSnapshot? {
        didSet { if let oldValue, oldValue !== snapshot { former.keep(oldValue) } }
    }
    /// What was served before, while somebody still needs it.
    var former = FormerSnapshots()
    /// When servers that were found may be adopted.
    var adoptsAt = MonotonicTime(nanoseconds: 0)
    let health: HealthKeeper
    /// What is known of servers.
    let standings: StandingBoard
    let signals: SignalDescriptor
    /// What the admin endpoint reads.
    let state: SharedState

    /// When the drain is over; nil while there is none.
    var drainDeadline: MonotonicTime?
    var isStopping = false
    /// When changed certificate files are looked at; nil while nothing moves.
    var certificateCheckAt: MonotonicTime?
    /// What is read again although it has not changed.
    var renewalRetry = RenewalRetry()
    /// When files are compared although no event told of a change.
    var comparesFilesAt = MonotonicTime.now() + Supervisor.fallbackInterval
    /// What looks at the memory of the process; nil where it may take any.
    var memory: MemoryWatch?
    /// How many lost log lines have been reported.
    var reportedLostLines: UInt64 = 0

    /// Loads the configuration, binds nothing yet.
    ///
    /// - Parameter keyLog: a file that TLS secrets are appended to.
    /// - Throws: the diagnostics, or what the machine refuses.
    public init(_ source: ConfigSource, keyLog: String? = nil) throws(StartError) {
        self.source = source
        // A log rotation or a reload that comes too early must not end the process.
        SignalDescriptor.block([.hangup, .user1, .user2, .pipe])
        let (config, warnings) = try Supervisor.firstConfig(source)
        self.config = config
        fixed = FixedSettings(config)
        OpenSSLFacts.start()
        if let keyLog { try Supervisor.openKeyLog(keyLog) }
        SignalDescriptor.block(Supervisor.handledSignals)
        registry.setBuild(BuildFacts.labels)
        descriptorLimit = DescriptorLimit.raise()
        ticketKeys = try Supervisor.makeTicketKeys(config)
        earlyData = try Supervisor.makeEarlyDataGate()
        builder = SnapshotBuilder(file: source.name, registry: registry)
        standings = StandingBoard()
        state = SharedState(registry: registry, standings: standings)
        builder.standings = standings
        do throws(SystemError) {
            eventSink = try LogSink(
                destination: Supervisor.destination(config.eventLog.target),
                lost: registry.lostLines)
            events = EventLog(sink: eventSink, minimum: Supervisor.level(config.eventLog.level))
            signals = try SignalDescriptor(Supervisor.handledSignals)
            commands = try Mailbox<ControlCommand>()
            stapleKeeper = try Supervisor.makeStapleKeeper(events, registry, commands)
            let watchers = FolderWatchers(events: events)
            discovery = try Supervisor.makeDiscovery(events, registry, watchers)
            watch = FileWatch(watchers.next())
            health = try HealthKeeper(
                board: standings, journal: HealthJournal(events: events, registry: registry),
                descriptors: descriptorLimit)
            crew = try WorkerCrew(
                count: Supervisor.workerCount(config), pinned: config.pinWorkers,
                registry: registry, events: events, outliers: health.reports)
            standings.connect(crew.mailboxes)
        } catch {
            throw .environment(
                "martlet: cannot start: \(error); "
                    + "check 'event_log: path' and the limits of this process"
            )
        }
        builder.discovery = discovery
        builder.staples = StapleLoader(
            keeper: stapleKeeper, journal: StapleJournal(events: events, registry: registry))
        tell(warnings, .warning, .configWarning)
        if let keyLog {
            events.emit(
                .warning, .keyLogOpened, ("path", .text(keyLog)),
                ("text", .text("whoever reads this file can decrypt all traffic")))
        }
    }

    /// Serves until told to stop; returns when every worker has ended.
    public func run() throws(StartError) {
        let started = WallTime.now()
        let serves: Bool
        do throws(StartError) {
            serves = try startServing()
        } catch {
            // What was said on the way stands before the reason.
            accessSink?.stop()
            eventSink.stop()
            throw error
        }
        if serves { announceReady(started) } else { stopNow() }
        while !(isStopping && crew.running == 0) {
            turn()
        }
        finish()
    }

    private func announceReady(_ started: WallTime) {
        state.update {
            $0.isReady = true
            $0.startedAt = started
        }
        events.emit(
            .info, .serverReady, ("generation", .int(Int(generation))),
            ("workers", .int(crew.count)), ("listeners", .int(listeners.groups.count)),
            ("pid", .int(ProcessFacts.processID)))
        source.announce?(listeners.groups.map { "\($0.bound)" })
    }

    /// One turn of the control thread's loop.
    private func turn() {
        let now = MonotonicTime.now()
        var wake = min(comparesFilesAt, discoveryWake(now: now))
        let retiring = retired.isEmpty ? nil : now + Supervisor.settling
        let letsGo = former.hasSnapshots ? now + .seconds(1) : nil
        let stop = drainDeadline.map { $0 + .seconds(1) }
        let times = [
            certificateCheckAt, ticketChangeAt, stop, retiring, letsGo, memory?.dueAt,
            isStopping ? nil : renewalRetry.dueAt,
        ]
        for time in times {
            if let time { wake = min(wake, time) }
        }
        let descriptors = [
            signals.rawDescriptor, crew.reports.rawDescriptor, commands.rawDescriptor,
            watch.rawDescriptor,
        ]
        // While it stops, nobody looks at what is found.
        let sources = isStopping ? [] : discovery.rawDescriptors
        retired.removeAll { server in
            // Its threads have ended, so that nobody is waited for.
            if server.hasEnded { server.stop() }
            return server.hasEnded
        }
        let isReady = Poll.wait(descriptors + sources, timeout: max(.zero, wake - now))
        if isReady[1] { crew.readReports() }
        if isReady[0] { while let signal = signals.read() { handle(signal) } }
        if isReady[2] { for command in commands.drain() { handle(command) } }
        if isReady[3] {
            watch.drain()
            lookSoon()
        }
        afterTurn(isQuiet: !isReady.contains(true))
    }

    private func afterTurn(isQuiet: Bool) {
        let now = MonotonicTime.now()
        if isQuiet, comparesFilesAt <= now {
            comparesFilesAt = now + Supervisor.fallbackInterval
            // No event told of it: a network file system, or a folder that cannot be watched.
            if certificateCheckAt == nil, !isStopping, watch.hasChanged() { reloadCertificates() }
        }
        if let time = certificateCheckAt, time <= now {
            certificateCheckAt = nil
            // While it stops, nothing new is served.
            if !isStopping, watch.hasChanged() { reloadCertificates() }
        }
        if let time = ticketChangeAt, time <= now { rotateTicketKeys() }
        if let time = renewalRetry.dueAt, time <= now, !isStopping { renewAgain() }
        followDiscovery()
        followExpiry()
        followMemory()
        if let deadline = drainDeadline, deadline + .seconds(1) <= now {
            crew.stop()
            drainDeadline = now + .seconds(60)
        }
        reportLostLines()
        former.release(present: snapshot)
    }

    private func handle(_ signal: Signal) {
        switch signal {
        case .hangup: _ = reload()
        case .terminate:
            if isStopping { stopNow() } else { drain() }
        case .interrupt: stopNow()
        case .user1: reopenLogs()
        case .user2: refuseHandover()
        case .child, .pipe: break
        }
    }

    /// Other servers hand their sockets to a successor at that.
    private func refuseHandover() {
        let text = "this build cannot hand its sockets over; let the service manager restart it"
        events.emit(
            .warning, .signalIgnored, ("signal", .text("SIGUSR2")), ("text", .text(text)))
    }

    /// Does what the admin endpoint asked for.
    func handle(_ command: ControlCommand) {
        switch command {
        case .reload(let reply): reply.post(reload())
        case .server(let command, let reply): reply.post(obey(command))
        case .stapleArrived: if !isStopping { reloadCertificates() }
        }
    }

    /// Looks at the files in a moment, so that both halves of a pair are there when it is read.
    func lookSoon() {
        certificateCheckAt = certificateCheckAt ?? MonotonicTime.now() + Supervisor.settling
    }

    static let handledSignals: [Signal] = [.hangup, .interrupt, .terminate, .user1, .user2, .pipe]
    /// How long changed files are given to settle.
    static let settling = Duration.milliseconds(100)
    /// How often files are compared although no event told of a change.
    static let fallbackInterval = Duration.seconds(10)
    /// How long workers may take to follow a snapshot before it is reported.
    static let installPatience = Duration.seconds(5)
}

/// What the admin endpoint asks of the control thread.
enum ControlCommand: Sendable {
    /// Load the configuration anew and say what came of it.
    case reload(reply: Mailbox<ReloadOutcome>)
    /// Drain a server, or end that, and say what came of it.
    case server(ServerCommand, reply: Mailbox<ServerOutcome>)
    /// Try again what was refused for want of a staple.
    case stapleArrived
}
