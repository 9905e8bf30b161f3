internal import Platform
internal import Proxy
internal import Telemetry

/// The workers as the control thread sees them: their mailboxes, their threads, and what they
/// report.
///
/// Control thread only.
struct WorkerCrew {
    private let plans: [WorkerPlan]
    private let threads: [Thread]
    let reports: Mailbox<WorkerReport>
    /// How many workers have not stopped.
    private(set) var running: Int
    /// How many connections were still open when workers stopped.
    private(set) var aborted = 0
    /// The generation that each worker serves.
    private var generations: [UInt64]

    /// Starts `count` workers, on a processor each if `pinned`.
    ///
    /// - Parameter outliers: where they report servers that fail requests.
    init(
        count: Int, pinned: Bool, registry: MetricsRegistry, events: EventLog,
        outliers: Mailbox<OutlierReport>
    ) throws(SystemError) {
        let reports = try Mailbox<WorkerReport>()
        let processors = Processors.list()
        var plans: [WorkerPlan] = []
        var threads: [Thread] = []
        for index in 0..<count {
            let processor =
                pinned && !processors.isEmpty ? processors[index % processors.count] : nil
            var plan = WorkerPlan(
                index: index, processor: processor, mailbox: try Mailbox<WorkerMessage>(),
                reports: reports, registry: registry, events: events)
            plan.outliers = outliers
            threads.append(try plan.start())
            plans.append(plan)
        }
        self.plans = plans
        self.threads = threads
        self.reports = reports
        running = count
        generations = Array(repeating: 0, count: count)
    }

    /// Where workers are told something.
    var mailboxes: [Mailbox<WorkerMessage>] { plans.map(\.mailbox) }

    /// How many workers there are.
    var count: Int { plans.count }

    /// Lets every worker serve by `snapshot`, and waits until each has said that it does,
    /// `patience` at most.
    ///
    /// - Returns: false if a worker did not answer in time; it will still follow.
    mutating func install(
        _ snapshot: RuntimeSnapshot, listeners: ListenerSet, accessLog: LogSink?, patience: Duration
    ) -> Bool {
        for plan in plans {
            plan.mailbox.post(
                .install(snapshot, sockets: listeners.sockets(of: plan.index), accessLog: accessLog)
            )
        }
        let deadline = MonotonicTime.now() + patience
        while generations.contains(where: { $0 < snapshot.generation }), running > 0 {
            let now = MonotonicTime.now()
            guard now < deadline else { return false }
            _ = Poll.wait([reports.rawDescriptor], timeout: deadline - now)
            readReports()
        }
        return running == count
    }

    /// Takes in what the workers report.
    mutating func readReports() {
        for report in reports.drain() {
            switch report {
            case .installed(let worker, let generation): generations[worker] = generation
            case .stopped(_, let open):
                running -= 1
                aborted += open
            }
        }
    }

    /// Lets exchanges end until `deadline`.
    func drain(until deadline: MonotonicTime) {
        for plan in plans { plan.mailbox.post(.drain(deadline: deadline)) }
    }

    /// Tells every worker how short memory is.
    func tell(_ pressure: MemoryPressure) {
        for plan in plans { plan.mailbox.post(.pressure(pressure)) }
    }

    /// Stops every worker at once.
    func stop() {
        for plan in plans { plan.mailbox.post(.stop) }
    }

    /// Waits for the threads of workers that have stopped.
    func join() {
        for thread in threads { thread.join() }
    }
}
