internal import Config
internal import Platform
internal import Telemetry

extension Discovery {
    /// What is new about names since the last call, for `/status`.
    struct Report {
        /// The names that something came of.
        var lookups: [NameQuestion: StatusReport.Lookup] = [:]
        /// The names of each backend; nil where they are as before.
        var names: [String: [NameQuestion]]?
    }

    /// Takes what is new about names.
    func takeReport(_ now: MonotonicTime, _ wall: WallTime) -> Report? {
        guard !answered.isEmpty || hasNewNames else { return nil }
        var report = Report()
        for question in hasNewNames ? Set(watched.keys) : answered {
            guard let entry = book[question] else { continue }
            let next = entry.dueAt.map {
                wall.seconds + Int64(max(0, ($0 - now).inSeconds.rounded(.up)))
            }
            report.lookups[question] = StatusReport.Lookup(
                name: question.name, kind: question.kind.rawValue,
                state: entry.failure?.rawValue ?? (entry.answer == nil ? "waiting" : "success"),
                found: entry.answer?.count ?? 0, nextRefresh: next)
        }
        if hasNewNames, let config {
            var names: [String: [NameQuestion]] = [:]
            for (question, backends) in watched {
                for backend in backends {
                    names[config.backends[backend].name, default: []].append(question)
                }
            }
            report.names = names.mapValues {
                $0.sorted { ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name) }
            }
        }
        answered = []
        hasNewNames = false
        return report
    }
}
