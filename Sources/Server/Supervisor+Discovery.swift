internal import Config
internal import Platform
internal import Proxy
internal import Telemetry

extension Supervisor {
    /// Makes what finds servers.
    static func makeDiscovery(
        _ events: EventLog, _ registry: MetricsRegistry, _ watchers: FolderWatchers
    ) throws(SystemError) -> Discovery {
        try Discovery(
            DiscoveryJournal(events: events, registry: registry),
            makeWatcher: { watchers.next() })
    }

    /// Takes note of the servers that are being served from now on.
    func followServers(_ snapshot: RuntimeSnapshot) {
        self.snapshot = snapshot
        let now = MonotonicTime.now()
        discovery.follow(config, now: now)
        adoptsAt = now
        noteServers(snapshot)
    }

    /// Takes in what was found, and serves by it.
    func followDiscovery() {
        let now = MonotonicTime.now()
        guard !isStopping else { return }
        discovery.turn(now: now)
        if !discovery.dirty.isEmpty, adoptsAt <= now, adopt(discovery.takeDirty()) {
            adoptsAt = MonotonicTime.now() + Supervisor.adoptionPause
        }
        noteLookups()
    }

    /// When the control thread must look at what was found; never while it stops, since nobody
    /// would, and it would be woken again at once.
    func discoveryWake(now: MonotonicTime) -> MonotonicTime {
        guard !isStopping else { return .distantFuture }
        // Those that are due and still dirty wait for an answer, which wakes by itself.
        let adopts = discovery.dirty.isEmpty || adoptsAt <= now ? .distantFuture : adoptsAt
        return min(discovery.wakeAt, adopts)
    }

    /// Lets the workers serve by the servers that these backends have now; false where nothing has
    /// changed.
    private func adopt(_ backends: [Int]) -> Bool {
        guard let current = snapshot else { return false }
        var groups = current.groups
        var changes: [ServerChange] = []
        for index in backends where index < groups.count {
            let group = builder.group(config.backends[index], workers: crew.count)
            // Servers that are known no more may still be there.
            guard !group.servers.isEmpty, let change = ServerChange(from: groups[index], to: group)
            else { continue }
            groups[index] = group
            changes.append(change)
        }
        guard !changes.isEmpty else { return false }
        serve(current.replacing(groups, generation: generation + 1, released: snapshotReleased))
        for change in changes { change.tell(events, generation: generation) }
        return true
    }

    /// Lets the workers serve by a snapshot of the present configuration that differs in servers or
    /// ticket keys only.
    func serve(_ next: RuntimeSnapshot) {
        generation = next.generation
        snapshot = next
        noteServers(next)
        registry.setGeneration(generation)
        install(next)
        followHealth(config, next)
    }

    private func noteServers(_ snapshot: RuntimeSnapshot) {
        registry.replaceServers(
            snapshot.groups.flatMap { $0.servers.map(\.label) }, now: MonotonicTime.now())
        registry.updateDiscovery { facts in
            facts.servers = Dictionary(
                snapshot.groups.map { ($0.name, $0.servers.count) }, uniquingKeysWith: +)
        }
        let generation = Int(snapshot.generation)
        state.update { $0.installServers(snapshot.groups, generation: generation) }
        noteLookups()
    }

    private func noteLookups() {
        guard let report = discovery.takeReport(MonotonicTime.now(), WallTime.now())
        else { return }
        state.update { $0.note(report) }
    }

    /// How long servers stay at least before other ones are adopted: a name server that changes its
    /// mind all the time must not keep the workers busy.
    static let adoptionPause = Duration.milliseconds(500)
}
