internal import Platform

/// What came of a question.
struct LookupResult: Sendable {
    /// What was asked.
    let question: NameQuestion
    /// The answer, or why there is none.
    let outcome: Result<NameAnswer, LookupError>
    /// For how many seconds the answer holds; nil where nobody says.
    var ttl: UInt32?
    /// True exactly when one family of addresses could not be asked for.
    var isPartial = false

    /// Asks, and waits for the answer.
    static func of(_ question: NameQuestion, by lookup: NameLookup) -> LookupResult {
        do throws(LookupError) {
            switch question {
            case .host(let name), .target(let name):
                let isWhole = question == .target(name)
                let answer = try lookup.addresses(of: isWhole ? name + "." : name)
                return LookupResult(
                    question: question, outcome: .success(.addresses(answer.found)),
                    ttl: answer.ttl, isPartial: answer.isPartial)
            case .service(let name):
                let answer = try lookup.services(of: name)
                return LookupResult(
                    question: question, outcome: .success(.services(answer.found)),
                    ttl: answer.ttl)
            }
        } catch {
            return LookupResult(question: question, outcome: .failure(error))
        }
    }
}
