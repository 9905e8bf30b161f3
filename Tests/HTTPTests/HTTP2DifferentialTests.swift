import Testing

@testable import HTTP

/// Two implementations and thousands of connections: where Martlet accepts, so does h2, and both
/// understand the same.
@Suite(.enabled(if: HTTP2Judge.isThere, "needs Debian's python3-h2"))
struct HTTP2DifferentialTests {
    /// Where Martlet may accept what h2 refuses, by h2's reason: none of it has two meanings.
    private static let differences: [String] = []

    /// The rules by which Martlet may refuse what h2 accepts; each is the sender's fault.
    private static let stricter: Set<String> = []

    @Test("Requests that are accepted are the requests that h2 sees")
    func connections() throws {
        var maker = HTTP2Maker(seed: 9_113)
        let connections = (0..<4_000).map { _ in maker.connection() }
        let theirs = try HTTP2Judge.theirs(connections)
        try #require(theirs.count == connections.count)
        var agreed = 0
        var refusals: [String: Int] = [:]
        var allowances: [String: Int] = [:]
        for (parts, their) in zip(connections, theirs) {
            let ours = try HTTP2Judge.ours(parts)
            let count = min(ours.told.count, their.told.count)
            if ours.told.prefix(count) != their.told.prefix(count) {
                let differing = zip(ours.told, their.told).filter { $0.0 != $0.1 }
                Issue.record("here, and h2: \(differing)")
                continue
            }
            agreed += ours.told.count { !$0.isEmpty }
            if ours.told.count > count {
                let reason = their.objection ?? "nothing"
                print("LAX", reason, Judge.hexadecimal(parts[count]))
                allowances[reason, default: 0] += 1
            } else if their.told.count > count {
                print("STRICT", ours.objection ?? "nothing", Judge.hexadecimal(parts[count]))
                refusals[ours.objection ?? "nothing", default: 0] += 1
            }
        }
        #expect(agreed > 10_000)
        print("AGREED", agreed, refusals, allowances)
    }
}
