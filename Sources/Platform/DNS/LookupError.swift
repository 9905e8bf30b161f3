/// Why a name could not be looked up.
public enum LookupError: String, Error, Sendable, CaseIterable, CustomStringConvertible {
    /// There is no such name, or it has no record of the kind that was asked for.
    case notFound = "not_found"
    /// No name server answered in time.
    case timeout
    /// Name servers cannot be reached, or say that they cannot tell.
    case failed
    /// What a name server sent is not an answer.
    case malformed

    /// What is said of it to people.
    public var description: String {
        switch self {
        case .notFound: "there is no such name"
        case .timeout: "no name server answered in time"
        case .failed: "no name server could tell"
        case .malformed: "what the name server sent is not an answer"
        }
    }
}
