internal import Config

/// What an instance takes from the configuration that it starts with and keeps: a reload says so
/// where the new one asks for something else.
struct FixedSettings {
    private let workers: Int
    private let pinWorkers: Bool
    private let eventLog: EventLogConfig
    private let listenBacklog: Int

    /// Takes them from the configuration of the start.
    init(_ config: ProxyConfig) {
        workers = Supervisor.workerCount(config)
        pinWorkers = config.pinWorkers
        eventLog = config.eventLog
        listenBacklog = config.limits.listenBacklog
    }

    /// Where events go.
    var eventTarget: LogTarget { eventLog.target }

    /// What of `next` is not followed, a warning each.
    func warnings(for next: ProxyConfig, file: String) -> [String] {
        var keys: [String] = []
        let asked = Supervisor.workerCount(next)
        if asked != workers { keys.append("'workers' stays \(workers), not \(asked)") }
        if next.pinWorkers != pinWorkers { keys.append("'pin_workers' stays \(pinWorkers)") }
        if next.eventLog.target != eventLog.target {
            keys.append("'event_log: path' stays what it was")
        }
        if next.eventLog.level != eventLog.level {
            keys.append("'event_log: level' stays \(eventLog.level.rawValue)")
        }
        if next.limits.listenBacklog != listenBacklog {
            keys.append("'limits: listen_backlog' is that of new listeners only")
        }
        return keys.map {
            "\(file):1:1: warning: \($0) until the next start: a reload cannot change it"
        }
    }
}
