public import Platform
public import Telemetry

/// What a worker is born with; everything else comes by message.
public struct WorkerPlan: Sendable {
    /// Which worker it is, from 0.
    public let index: Int
    /// The processor to stay on; nil to let the kernel choose.
    public let processor: Int?
    /// Where messages for this worker arrive.
    public let mailbox: Mailbox<WorkerMessage>
    /// Where this worker's reports go.
    public let reports: Mailbox<WorkerReport>
    /// Where this worker's metrics are read.
    public let registry: MetricsRegistry
    /// Where sampled events go.
    public let events: EventLog
    /// Where servers are reported that fail requests; nil for nowhere.
    public var outliers: Mailbox<OutlierReport>?
    /// What tells the worker the time.
    var clock = WorkerClock()

    /// Describes a worker.
    public init(
        index: Int, processor: Int?, mailbox: Mailbox<WorkerMessage>,
        reports: Mailbox<WorkerReport>,
        registry: MetricsRegistry, events: EventLog
    ) {
        self.index = index
        self.processor = processor
        self.mailbox = mailbox
        self.reports = reports
        self.registry = registry
        self.events = events
    }

    /// Starts the worker's thread; it serves once a snapshot is installed.
    public func start() throws(SystemError) -> Thread {
        try Thread.start(name: "worker-\(index)", cpu: processor) { [self] in
            Worker.main(self)
        }
    }
}
