internal import Config
internal import Platform

/// What is known of names, and when each is asked about again. Control thread only.
struct NameBook {
    /// What is known of one name.
    struct Entry {
        /// What it stands for; nil while nobody has said.
        var answer: NameAnswer?
        /// Why the last question failed; nil if it did not.
        var failure: LookupError?
        /// How many questions failed in a row.
        var failures = 0
        /// For how many seconds the answer holds; nil where nobody says.
        var ttl: UInt32?
        /// When the last answer came.
        var answeredAt = MonotonicTime(nanoseconds: 0)
        /// True exactly while an answer is awaited.
        var isAsked = false
        /// When it is asked about again; nil for never.
        var dueAt: MonotonicTime?

        /// True exactly when something came of a question.
        var isSettled: Bool { answer != nil || failure != nil }
    }

    /// How often a name is asked about, for all backends that need it.
    struct Interval: Equatable {
        /// Whether by what name servers say.
        var isAutomatic = false
        /// At least so often; nil for no fixed interval.
        var fixed: Duration?

        /// Also as another backend wants it.
        mutating func add(_ resolve: ResolveConfig) {
            switch resolve {
            case .automatic: isAutomatic = true
            case .every(let interval): fixed = min(fixed ?? interval, interval)
            case .off: break
            }
        }

        /// The time after an answer that holds for `ttl` seconds; nil for never.
        func after(ttl: UInt32?) -> Duration? {
            let ttl = ttl.map { Duration.seconds(Int64($0)) } ?? NameBook.unsaidTTL
            let automatic = min(max(ttl, NameBook.leastTTL), NameBook.longestTTL)
            guard isAutomatic else { return fixed }
            return fixed.map { min($0, automatic) } ?? automatic
        }
    }

    /// What an answer has brought.
    enum News: Equatable {
        /// Nothing that was not known.
        case none
        /// The name stands for something else.
        case changed
        /// The name could not be looked up; how often in a row.
        case failed(times: Int)
        /// It can be looked up again, and whether it stands for something else.
        case recovered(isChanged: Bool)
    }

    private var entries: [NameQuestion: Entry] = [:]
    private var intervals: [NameQuestion: Interval] = [:]

    /// What is known of a name.
    subscript(question: NameQuestion) -> Entry? { entries[question] }

    /// When the next name is due; nil where none is.
    var nextDue: MonotonicTime? { entries.values.compactMap(\.dueAt).min() }

    /// Follows these names from now on, and forgets all others.
    mutating func follow(_ intervals: [NameQuestion: Interval], now: MonotonicTime) {
        self.intervals = intervals
        entries = entries.filter { intervals[$0.key] != nil || $0.value.isAsked }
        for question in intervals.keys {
            if entries[question] == nil { entries[question] = Entry(dueAt: now) }
            if entries[question]?.isAsked == false { schedule(question, now: now) }
        }
    }

    /// Notes that a name is being asked about; false if it is already.
    mutating func ask(_ question: NameQuestion) -> Bool {
        var entry = entries[question] ?? Entry()
        guard !entry.isAsked else { return false }
        entry.isAsked = true
        entry.dueAt = nil
        entries[question] = entry
        return true
    }

    /// The names that are due, which count as being asked about from now on.
    mutating func takeDue(now: MonotonicTime) -> [NameQuestion] {
        let due = entries.filter { $0.value.dueAt.map { $0 <= now } ?? false }.map(\.key)
        for question in due { _ = ask(question) }
        return due
    }

    /// Takes in what came of a question.
    mutating func take(_ result: LookupResult, now: MonotonicTime) -> News {
        // A name that is followed no more is not learned.
        guard var entry = entries[result.question] else { return .none }
        let before = entry
        entry.isAsked = false
        entry.answeredAt = now
        var news = News.none
        switch result.outcome {
        case .success(let answer):
            let next = before.answer?.followed(by: answer, isPartial: result.isPartial) ?? answer
            entry.answer = next
            entry.failure = nil
            entry.failures = 0
            entry.ttl = result.ttl
            let isChanged = next != before.answer
            if before.failure != nil {
                news = .recovered(isChanged: isChanged)
            } else if isChanged {
                news = .changed
            }
        case .failure(let error):
            entry.failure = error
            entry.failures += 1
            news = .failed(times: entry.failures)
        }
        entries[result.question] = entry
        schedule(result.question, now: now)
        return news
    }

    private mutating func schedule(_ question: NameQuestion, now: MonotonicTime) {
        guard var entry = entries[question] else { return }
        let interval = intervals[question] ?? Interval()
        if !entry.isSettled {
            entry.dueAt = now
        } else if entry.failure != nil {
            // One that is not to be asked about again is, while nothing is known of it.
            let goesOn = interval != Interval() || entry.answer == nil
            entry.dueAt = goesOn ? entry.answeredAt + NameBook.pause(entry.failures) : nil
        } else {
            entry.dueAt = interval.after(ttl: entry.ttl).map { entry.answeredAt + $0 }
        }
        if intervals[question] == nil { entry.dueAt = nil }
        entries[question] = entry
    }

    /// How long to wait after so many failures in a row.
    static func pause(_ failures: Int) -> Duration {
        .seconds(min(30, 1 << min(max(failures - 1, 0), 5)))
    }

    /// However short an answer holds, nobody is asked more often.
    static let leastTTL = Duration.seconds(1)
    /// However long an answer holds, a server that moved is found in that time.
    static let longestTTL = Duration.seconds(300)
    /// For how long what nobody speaks for holds, such as a line of `/etc/hosts`.
    static let unsaidTTL = Duration.seconds(30)
}
