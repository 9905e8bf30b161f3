internal import Platform
internal import Proxy
internal import Synchronization
internal import Telemetry

/// What is known of every server, for whoever asks, and where it changes the workers are told. Any
/// thread.
///
/// Each change is told in the order in which it was made: messages leave under the lock.
final class StandingBoard: Sendable {
    private struct Entries {
        var standings: [ServerLabel: ServerStanding] = [:]
        /// When the operator has let servers in again.
        var readyTimes: [ServerLabel: MonotonicTime] = [:]
        /// The backends of the servers that anything is known of.
        var backends: [ServerLabel: String] = [:]
        /// Where servers were met last.
        var addresses: [ServerLabel: SocketAddress] = [:]
        var statuses: [String: HealthStatus] = [:]
        var workers: [Mailbox<WorkerMessage>] = []

        /// True exactly when a drained server of a name that has several is another one now.
        func isAnother(_ server: HealthSubject, among servers: [HealthSubject]) -> Bool {
            guard standings[server.label]?.isDrained == true,
                let address = addresses[server.label], address != server.address
            else { return false }
            // The first of them has the bare name.
            return server.name.contains("#")
                || servers.contains {
                    $0.backend == server.backend && $0.name.hasPrefix(server.name + "#")
                }
        }
    }

    private let entries = Mutex(Entries())

    /// Tells these workers from now on.
    func connect(_ workers: [Mailbox<WorkerMessage>]) {
        entries.withLock { $0.workers = workers }
    }

    /// What is known of a server, for a worker that has not met it.
    func standing(of server: ServerLabel) -> ServerStanding {
        entries.withLock { $0.standings[server] ?? ServerStanding() }
    }

    /// Changes what is known of a server, and tells the workers, whether or not it is new to them.
    func change(_ server: ServerLabel, _ body: (inout ServerStanding) -> Void) {
        entries.withLock { entries in
            var standing = entries.standings[server] ?? ServerStanding()
            let risenAt = standing.risenAt
            body(&standing)
            if standing.risenAt != risenAt { entries.readyTimes[server] = standing.risenAt }
            entries.standings[server] = standing
            for worker in entries.workers { worker.post(.standings([server: standing])) }
        }
    }

    /// Takes over what checks and answers have come to, and leaves what the operator has said.
    func take(_ found: [ServerLabel: ServerStanding]) {
        guard !found.isEmpty else { return }
        entries.withLock { entries in
            let standings = entries.standings
            let readyTimes = entries.readyTimes
            let told = Dictionary(
                uniqueKeysWithValues: found.map { server, standing in
                    var standing = standing
                    standing.isDrained = standings[server]?.isDrained ?? false
                    if let ready = readyTimes[server] {
                        standing.risenAt = max(standing.risenAt ?? ready, ready)
                    }
                    return (server, standing)
                })
            entries.standings.merge(told) { $1 }
            for worker in entries.workers { worker.post(.standings(told)) }
        }
    }

    /// Takes note of what operators are told of a server.
    func note(_ status: HealthStatus?, of subject: HealthSubject) {
        entries.withLock { $0.statuses[StandingBoard.key(subject.backend, subject.name)] = status }
    }

    /// Takes note of where these servers are. One of a name's servers is its address: another one
    /// that gets the number of a drained server is not drained.
    ///
    /// - Returns: those that take clients by that.
    func meet(_ servers: [HealthSubject]) -> [HealthSubject] {
        let labels = Set(servers.map(\.label))
        return entries.withLock { entries in
            let others = servers.filter { entries.isAnother($0, among: servers) }
            let standings = entries.standings
            entries.addresses = entries.addresses.filter {
                labels.contains($0.key) || standings[$0.key]?.isDrained == true
            }
            for server in servers { entries.addresses[server.label] = server.address }
            for server in others {
                var standing = entries.standings[server.label] ?? ServerStanding()
                standing.isDrained = false
                entries.standings[server.label] = standing
                for worker in entries.workers {
                    worker.post(.standings([server.label: standing]))
                }
            }
            return others
        }
    }

    /// Forgets what is known of servers other than these, but not which of them are drained: a
    /// server that discovery leaves out once comes back as the operator has left it.
    ///
    /// - Parameter backends: those that there are, with or without servers.
    func keep(_ servers: [HealthSubject], backends: [String]) {
        let present = Set(backends)
        let labels = Set(servers.map(\.label))
        let names = Set(servers.map { StandingBoard.key($0.backend, $0.name) })
        entries.withLock { entries in
            for server in servers { entries.backends[server.label] = server.backend }
            var standings: [ServerLabel: ServerStanding] = [:]
            for (label, standing) in entries.standings {
                if labels.contains(label) {
                    standings[label] = standing
                } else if standing.isDrained,
                    let backend = entries.backends[label], present.contains(backend)
                {
                    var left = ServerStanding()
                    left.isDrained = true
                    standings[label] = left
                }
            }
            entries.standings = standings
            entries.readyTimes = entries.readyTimes.filter { labels.contains($0.key) }
            entries.backends = entries.backends.filter {
                labels.contains($0.key) || standings[$0.key] != nil
            }
            entries.statuses = entries.statuses.filter { names.contains($0.key) }
        }
    }

    /// What operators are told of a server; nil where nobody looks after it.
    func status(backend: String, server: String) -> HealthStatus? {
        entries.withLock { $0.statuses[StandingBoard.key(backend, server)] }
    }

    private static func key(_ backend: String, _ server: String) -> String {
        backend + "\0" + server
    }
}
