/// What the control plane says of how servers are found.
public struct DiscoveryFacts: Sendable, Equatable {
    /// What is asked for.
    public enum Kind: String, Sendable, CaseIterable {
        /// The addresses of a name.
        case addresses
        /// The SRV records of a name.
        case services
        /// The servers in a file.
        case file
    }

    /// What a lookup came to.
    public enum Result: String, Sendable, CaseIterable {
        /// Servers were found.
        case success
        /// There is no such name.
        case notFound = "not_found"
        /// No answer came in time.
        case timeout
        /// Nobody could tell.
        case failed
        /// What came is not an answer, or no list of servers.
        case malformed
    }

    private struct Series: Hashable {
        let kind: Kind
        let result: Result
    }

    private var lookups: [Series: UInt64] = [:]
    /// How many servers each backend has.
    public var servers: [String: Int] = [:]

    /// Makes facts of nothing.
    public init() {}

    /// Counts a lookup.
    public mutating func count(_ kind: Kind, _ result: Result) {
        lookups[Series(kind: kind, result: result), default: 0] += 1
    }

    /// How many lookups of a kind came to that.
    public func count(of kind: Kind, _ result: Result) -> UInt64 {
        lookups[Series(kind: kind, result: result)] ?? 0
    }
}
