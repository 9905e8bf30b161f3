import Testing

@testable import HTTP

/// Two implementations and thousands of connections: where Martlet accepts, so does h2, and both
/// understand the same.
@Suite(.enabled(if: HTTP2Judge.isThere, "needs Debian's python3-h2"))
struct HTTP2DifferentialTests {
    /// Where Martlet may accept what h2 refuses, by h2's reason: none of it has two meanings.
    private static let differences = [
        // RFC 9113 §5.3.2: priorities of the old kind say nothing any more.
        "may not depend on itself",
        // RFC 9113 §6.8: a client that says goodbye takes no pushed streams any more; those that it
        // has opened go on.
        "in state ConnectionState.CLOSED",
    ]

    /// The rules by which Martlet may refuse what h2 accepts; each is the sender's fault.
    private static let stricter: Set<String> = [
        "bad_start_line", "bad_method", "bad_target", "bad_host", "bad_field_name",
        "bad_field_value", "bad_content_length", "repeated_content_length", "conflicting_framing",
        "bad_expectation", "repeated_host", "bad_trailer",
        // RFC 9220 §3: a `:protocol` that is not known.
        "connect_refused",
        // RFC 9113 §6.4: RST_STREAM on an idle stream.
        "protocol_error, frame type 3",
    ]

    @Test("Requests that are accepted are the requests that h2 sees")
    func connections() throws {
        var maker = HTTP2Maker(seed: 9_113)
        let connections = (0..<6_000).map { _ in maker.connection() }
        let theirs = try HTTP2Judge.theirs(connections)
        try #require(theirs.count == connections.count)
        var agreed = 0
        var refusals: [String: Int] = [:]
        var refused = 0
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
                if HTTP2DifferentialTests.differences.contains(where: reason.contains) { continue }
                Issue.record("h2 alone refuses \(parts[count]): \(reason)")
            } else if their.told.count > count {
                let label = ours.objection ?? "nothing"
                refusals[label, default: 0] += 1
                if HTTP2DifferentialTests.stricter.contains(label) { continue }
                Issue.record("h2 alone takes \(parts[count]): \(label)")
            } else if ours.objection != nil {
                refused += 1
            }
        }
        // A generator of nonsense would agree on everything.
        #expect(agreed > 10_000)
        #expect(refused > 500)
        #expect(refusals.count > 5)
    }
}
