import Config
import Testing

@testable import Server

struct FixedSettingsTests {
    private static let changes: [(key: String, change: @Sendable (inout ProxyConfig) -> Void)] = [
        ("'workers'", { $0.workers = .count(3) }),
        ("'pin_workers'", { $0.pinWorkers = true }),
        ("'event_log: path'", { $0.eventLog.target = .file("/e.log") }),
        ("'event_log: level'", { $0.eventLog.level = .error }),
        ("'limits: listen_backlog'", { $0.limits.listenBacklog = 7 }),
    ]

    private let config = ProxyConfig(workers: .count(2))

    @Test("Each key that a reload cannot follow is a warning of its own", arguments: changes)
    func one(key: String, change: @Sendable (inout ProxyConfig) -> Void) {
        var next = config
        change(&next)
        let found = FixedSettings(config).warnings(for: next, file: "m.yaml")
        #expect(found.count == 1)
        #expect(found[0].hasPrefix("m.yaml:1:1: warning: \(key)"), "\(found)")
        #expect(found[0].contains("until the next start"))
    }

    @Test("What stays, and what a reload follows, is no warning")
    func none() {
        var next = config
        next.limits.connections = 5
        next.timeouts.drain = .seconds(1)
        next.admin = nil
        #expect(FixedSettings(config).warnings(for: next, file: "m.yaml").isEmpty)
    }

    @Test("All of them are told at once")
    func all() {
        var next = config
        for (_, change) in FixedSettingsTests.changes { change(&next) }
        #expect(FixedSettings(config).warnings(for: next, file: "m.yaml").count == 5)
    }
}
