internal import Bytes
public import Platform
internal import Synchronization

/// What is known of one certificate in service.
public struct CertificateFact: Sendable, Equatable {
    /// Who shows it.
    public let owner: CertificateOwner
    /// The serial number in hexadecimal.
    public let serial: String
    /// When it expires, in seconds since 1970.
    public let notAfter: Int64

    /// Describes a certificate.
    public init(owner: CertificateOwner, serial: String, notAfter: Int64) {
        self.owner = owner
        self.serial = serial
        self.notAfter = notAfter
    }
}

/// All metrics of the process: makes the workers' tables and reads them. Any thread.
public final class MetricsRegistry: Sendable {
    /// What the control plane says of itself.
    struct ControlFacts: Sendable {
        var certificates: [CertificateFact] = []
        var staples = StapleFacts()
        var discovery = DiscoveryFacts()
        var health = HealthFacts()
        /// When the first revocation list of each must be renewed, in seconds since 1970.
        var revocationLists: [CertificateOwner: Int64] = [:]
        /// How many seconds before its end a certificate is warned of.
        var expiryWarning: Int64 = 0
        var reloadsSucceeded: UInt64 = 0
        var reloadsFailed: UInt64 = 0
        var generation: UInt64 = 0
        var lastSuccess: WallTime?
        var connectionLimit = 0
        var memoryLimit = 0
        var ticketKeyRotations: UInt64 = 0
        var ticketKeySince: WallTime?
        var build: [(name: String, value: String)] = []
        var tables: [SeriesTable] = []
        /// The numbers of the servers in the configuration, and since when they are in it.
        var servers: [UInt32: MonotonicTime] = [:]
    }

    let names = NameTable()
    /// What every log counts the lines in that it loses.
    public let lostLines = LostLines()
    /// The handshakes that failed last.
    public let handshakeFailures = HandshakeFailureRing()
    private let facts = Mutex(ControlFacts())

    /// Makes a registry without workers.
    public init() {}

    /// The label of a listener.
    public func listener(_ name: String) -> ListenerLabel {
        ListenerLabel(index: names.listener(name))
    }

    /// The label of a site.
    public func site(_ name: String) -> SiteLabel { SiteLabel(index: names.site(name)) }

    /// The label of a backend.
    public func backend(_ name: String) -> BackendLabel {
        BackendLabel(index: names.backend(name))
    }

    /// The label of a server.
    public func server(backend: String, server: String) -> ServerLabel {
        ServerLabel(index: names.server(backend, server))
    }

    /// Makes the table of one more worker; on the worker's thread.
    public func makeWorkerMetrics() -> WorkerMetrics {
        let metrics = WorkerMetrics(names: names)
        facts.withLock { $0.tables.append(metrics.table) }
        return metrics
    }

    /// Says which certificates are in service, in place of those before, and how many seconds
    /// before its end one is warned of.
    public func replaceCertificates(
        _ certificates: [CertificateFact], warnedBefore seconds: Int64 = 0
    ) {
        facts.withLock {
            $0.certificates = certificates
            $0.expiryWarning = seconds
        }
    }

    /// Says when the first revocation list of each site and backend must be renewed, in seconds
    /// since 1970, in place of what was said before.
    public func replaceRevocationLists(_ ends: [CertificateOwner: Int64]) {
        facts.withLock { $0.revocationLists = ends }
    }

    /// Changes what is known of staples.
    public func updateStaples(_ change: (inout StapleFacts) -> Void) {
        facts.withLock { change(&$0.staples) }
    }

    /// What is known of the staple of each certificate, by its fingerprint.
    public var stapleRecords: [String: StapleRecord] { facts.withLock { $0.staples.records } }

    /// Changes what is known of the health of servers.
    public func updateHealth(_ change: (inout HealthFacts) -> Void) {
        facts.withLock { change(&$0.health) }
    }

    /// Counts an attempt to install a configuration.
    public func countReload(succeeded: Bool) {
        facts.withLock {
            if succeeded { $0.reloadsSucceeded += 1 } else { $0.reloadsFailed += 1 }
        }
    }

    /// Says which configuration is in service since when.
    public func setGeneration(_ generation: UInt64, lastSuccess: WallTime) {
        facts.withLock {
            $0.generation = generation
            $0.lastSuccess = lastSuccess
        }
    }

    /// Says which configuration is in service, where a change of servers made it.
    public func setGeneration(_ generation: UInt64) {
        facts.withLock { $0.generation = generation }
    }

    /// Changes what is known of how servers are found.
    public func updateDiscovery(_ change: (inout DiscoveryFacts) -> Void) {
        facts.withLock { change(&$0.discovery) }
    }

    /// Says how often the key of session tickets has changed, and since when the present one seals.
    public func setTicketKeys(rotations: UInt64, since: WallTime) {
        facts.withLock {
            $0.ticketKeyRotations = rotations
            $0.ticketKeySince = since
        }
    }

    /// Says how many connections there may be.
    public func setConnectionLimit(_ limit: Int) { facts.withLock { $0.connectionLimit = limit } }

    /// Says how many bytes of memory the process may take; 0 for any number.
    public func setMemoryLimit(_ limit: Int) { facts.withLock { $0.memoryLimit = limit } }

    /// Says which servers are in the configuration, in place of those before.
    ///
    /// Called before the workers follow: a server that is new counts as up from `now` on, whatever
    /// was known of it when it was in the configuration before.
    public func replaceServers(_ servers: [ServerLabel], now: MonotonicTime) {
        facts.withLock { facts in
            let before = facts.servers
            facts.servers = Dictionary(
                servers.map { ($0.index, before[$0.index] ?? now) }, uniquingKeysWith: min)
        }
    }

    /// Says what this build is, as labels of `martlet_build_info`.
    public func setBuild(_ labels: [(name: String, value: String)]) {
        facts.withLock { $0.build = labels }
    }

    /// Everything, as text.
    public func render(_ format: ExpositionFormat, now: WallTime = .now()) -> [UInt8] {
        var exposition = Exposition(format: format, names: names)
        exposition.append(series: collect())
        exposition.append(health: control.health)
        exposition.append(certificatesOf: control, now: now)
        exposition.append(control: control, lostLines: lostLines.count, dropped: droppedSeries)
        exposition.append(process: ProcessFacts.read())
        return exposition.finish()
    }

    /// Sums for people: how many connections are open, and how many requests there were.
    public func totals() -> (connectionsActive: Int, requests: UInt64, handshakes: UInt64) {
        var active: UInt64 = 0
        var requests: UInt64 = 0
        var handshakes: UInt64 = 0
        for (key, values) in collect() {
            switch key.family {
            case .connectionsActive: active &+= values[0]
            case .requests: requests += values[0]
            case .handshakes: handshakes += values[0]
            default: break
            }
        }
        return (Int(Int64(bitPattern: active)), requests, handshakes)
    }

    /// For each server, by backend and name (`backend`, NUL, `server`), what all workers know of
    /// it.
    public func serverTotals() -> [String: ServerTotals] {
        var result: [String: ServerTotals] = [:]
        for (key, values) in collect() {
            guard let family = key.family, family.isUpstream else { continue }
            let names = names.serverNames(key.a)
            var entry = result[names.backend + "\0" + names.server, default: ServerTotals()]
            switch family {
            case .upstreamRequests: entry.requests += values[0]
            case .upstreamFailures: entry.failures += values[0]
            case .upstreamActive: entry.active += Int(Int64(bitPattern: values[0]))
            case .upstreamIdle: entry.idle += Int(Int64(bitPattern: values[0]))
            case .upstreamUp: entry.isUp = values[0] == 1
            default: break
            }
            result[names.backend + "\0" + names.server] = entry
        }
        return result
    }

    private var control: ControlFacts { facts.withLock { $0 } }

    private var droppedSeries: UInt64 { control.tables.reduce(0) { $0 + $1.droppedCount } }

    /// The series of all workers, those of one key summed.
    private func collect() -> [SeriesKey: [UInt64]] {
        let control = self.control
        var sums: [SeriesKey: [UInt64]] = [:]
        var verdicts: [Int: ServerVerdict] = [:]
        for table in control.tables {
            for place in table.places {
                guard let family = place.key.family else { continue }
                if family == .upstreamUp {
                    let packed = max(verdicts[place.key.a]?.packed ?? 0, place.block[place.offset])
                    verdicts[place.key.a] = ServerVerdict(packed: packed)
                    continue
                }
                var values = sums[place.key] ?? Array(repeating: 0, count: family.cells)
                for cell in values.indices { values[cell] &+= place.block[place.offset + cell] }
                sums[place.key] = values
            }
        }
        for (server, since) in control.servers {
            let health = control.health.servers[server] ?? HealthFacts.Server()
            let refuses =
                verdicts[Int(server)].map { !$0.isUp && $0.time >= since } ?? false
            let isDown = health.isEjected || !(health.isUp ?? !refuses)
            sums[SeriesKey(.upstreamUp, a: server)] = [isDown ? 0 : 1]
        }
        return sums
    }
}

extension MetricFamily {
    /// True exactly when the first label is a server.
    var isUpstream: Bool {
        switch self {
        case .upstreamRequests, .upstreamFailures, .upstreamActive, .upstreamIdle, .upstreamUp: true
        default: false
        }
    }
}
