import Config
import Foundation
import Platform
import Synchronization
import Telemetry

@testable import Server

/// What names stand for, as a test says.
final class FakeNames: Sendable {
    private struct State {
        var answers: [NameQuestion: Result<NameAnswer, LookupError>] = [:]
        var ttls: [NameQuestion: UInt32] = [:]
        var asked: [NameQuestion] = []
        var silent: Set<NameQuestion> = []
    }

    private let state = Mutex(State())

    /// What was asked, in its order.
    var asked: [NameQuestion] { state.withLock { $0.asked } }

    func set(_ host: String, _ addresses: String..., ttl: UInt32 = 60) {
        let found = addresses.compactMap { SocketAddress($0 + ":0") }
        set(.host(host), .success(.addresses(found)), ttl: ttl)
        set(.target(host), .success(.addresses(found)), ttl: ttl)
    }

    func set(_ question: NameQuestion, _ answer: Result<NameAnswer, LookupError>, ttl: UInt32 = 60)
    {
        state.withLock {
            $0.answers[question] = answer
            $0.ttls[question] = ttl
            $0.silent.remove(question)
        }
    }

    /// Lets questions wait until something else is said.
    func silence(_ question: NameQuestion) {
        state.withLock { _ = $0.silent.insert(question) }
    }

    /// What asks here.
    func discovery(_ registry: MetricsRegistry = MetricsRegistry()) throws -> Discovery {
        try Discovery(DiscoveryJournal(events: nil, registry: registry)) { _ in
            { self.answer($0) }
        }
    }

    private func answer(_ question: NameQuestion) -> LookupResult {
        state.withLock { $0.asked.append(question) }
        while state.withLock({ $0.silent.contains(question) }) { usleep(5_000) }
        return state.withLock {
            LookupResult(
                question: question, outcome: $0.answers[question] ?? .failure(.notFound),
                ttl: $0.ttls[question])
        }
    }
}

extension Discovery {
    /// Turns until the condition holds, for a minute at most; true exactly when it does.
    func turn(now: MonotonicTime = .now(), until condition: () -> Bool) -> Bool {
        for _ in 0..<6_000 {
            turn(now: now)
            if condition() { return true }
            _ = Poll.wait(rawDescriptors, timeout: .milliseconds(10))
        }
        return false
    }
}
