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
        var statuses: [String: HealthStatus] = [:]
        var workers: [Mailbox<WorkerMessage>] = []
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
            body(&standing)
            entries.standings[server] = standing
            for worker in entries.workers { worker.post(.standings([server: standing])) }
        }
    }

    /// Takes over what checks and answers have come to, and leaves what the operator has said.
    func take(_ found: [ServerLabel: ServerStanding]) {
        guard !found.isEmpty else { return }
        entries.withLock { entries in
            let standings = entries.standings
            let told = Dictionary(
                uniqueKeysWithValues: found.map { server, standing in
                    var standing = standing
                    standing.isDrained = standings[server]?.isDrained ?? false
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

    /// Forgets what is known of servers other than these.
    func keep(_ servers: [HealthSubject]) {
        let labels = Set(servers.map(\.label))
        let names = Set(servers.map { StandingBoard.key($0.backend, $0.name) })
        entries.withLock { entries in
            entries.standings = entries.standings.filter { labels.contains($0.key) }
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
