internal import Platform
internal import Synchronization

/// The threads that ask name servers, which may keep them waiting for half a minute: nobody else
/// waits with them.
///
/// A thread is there only while there are questions. Any thread may ask; nobody waits for a thread
/// at the end, since nobody could end its wait.
final class LookupCrew: Sendable {
    /// Asks, and waits for the answer.
    typealias Lookup = @Sendable (NameQuestion) -> LookupResult

    private struct Job {
        let question: NameQuestion
        let lookup: Lookup
    }

    private struct State {
        var jobs: [Job] = []
        var threads = 0
    }

    private let state = Mutex(State())
    /// The answers, in the order in which they come.
    let answers: Mailbox<LookupResult>

    init() throws(SystemError) { answers = try Mailbox() }

    /// Asks a question; its answer is going to be in `answers`.
    func ask(_ question: NameQuestion, _ lookup: @escaping Lookup) {
        let needsThread = state.withLock { state in
            state.jobs.append(Job(question: question, lookup: lookup))
            guard state.threads < LookupCrew.maximumThreads else { return false }
            state.threads += 1
            return true
        }
        guard needsThread else { return }
        do throws(SystemError) {
            try Thread.start(name: "martlet-names", cpu: nil, stackSize: 512 << 10) { self.work() }
                .detach()
        } catch {
            state.withLock { $0.threads -= 1 }
            // Without any thread the question would wait for ever.
            let left = state.withLock { state in
                defer { if state.threads == 0 { state.jobs = [] } }
                return state.threads == 0 ? state.jobs : []
            }
            for job in left {
                answers.post(LookupResult(question: job.question, outcome: .failure(.failed)))
            }
        }
    }

    private func work() {
        while let job = next() { answers.post(job.lookup(job.question)) }
    }

    private func next() -> Job? {
        state.withLock { state in
            guard !state.jobs.isEmpty else {
                state.threads -= 1
                return nil
            }
            return state.jobs.removeFirst()
        }
    }

    /// So many silent name servers at once do not delay the answers of others.
    static let maximumThreads = 8
}
