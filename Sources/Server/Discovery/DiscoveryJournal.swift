internal import Platform
internal import Telemetry

/// Says what comes of lookups: events for people, counts for metrics.
struct DiscoveryJournal {
    /// Nil where nobody reads along.
    var events: EventLog?
    /// What is counted in.
    let registry: MetricsRegistry

    /// Takes note of an answer, and of what was new in it.
    func note(_ result: LookupResult, _ news: NameBook.News, known entry: NameBook.Entry?) {
        registry.updateDiscovery { $0.count(result.question.kind, result.label) }
        let name = EventValue.text(result.question.name)
        switch news {
        case .none, .changed: break
        case .failed(let times):
            // Once, and then about every hour.
            guard times == 1 || times % 120 == 0 else { return }
            let reason = if case .failure(let error) = result.outcome { error.rawValue } else { "" }
            events?.emit(
                .warning, .lookupFailed, ("name", name),
                ("kind", .text(result.question.kind.rawValue)), ("reason", .text(reason)),
                ("kept", .int(entry?.answer?.count ?? 0)))
        case .recovered:
            events?.emit(
                .info, .lookupRecovered, ("name", name),
                ("kind", .text(result.question.kind.rawValue)))
        }
    }

    /// Takes note of a file that was read.
    func noteFile(_ faults: [String]) {
        registry.updateDiscovery { $0.count(.file, faults.isEmpty ? .success : .malformed) }
    }

    /// Says what is wrong with a file that was good before.
    func reject(_ faults: [String]) {
        for text in faults.prefix(DiscoveryJournal.linesAtOnce) {
            events?.emit(.error, .serverFileRejected, ("text", .text(text)))
        }
        let left = faults.count - DiscoveryJournal.linesAtOnce
        if left > 0 {
            events?.emit(.error, .serverFileRejected, ("text", .text("and \(left) more")))
        }
    }

    /// How many mistakes of one file are written.
    private static let linesAtOnce = 10
}

extension NameAnswer {
    /// How many addresses or services it has.
    var count: Int {
        switch self {
        case .addresses(let all): all.count
        case .services(let all): all.count
        }
    }
}

extension LookupResult {
    /// The metrics label.
    fileprivate var label: DiscoveryFacts.Result {
        switch outcome {
        case .success: .success
        case .failure(.notFound): .notFound
        case .failure(.timeout): .timeout
        case .failure(.failed): .failed
        case .failure(.malformed): .malformed
        }
    }
}
