import Testing

@testable import HTTP

/// The `priority` field.
struct HTTP2PriorityTests {
    @Test(
        "What is understood counts, and the rest says nothing",
        arguments: [
            ("", 3, false), ("u=0", 0, false), ("u=7, i", 7, true), ("i", 3, true),
            ("i=?1,u=2", 2, true), ("i, i=?0", 3, false), ("u=8", 3, false), ("u=-1", 3, false),
            ("u=1, u=2", 2, false), ("x=1, u=4", 4, false), ("u", 3, false), ("U=1", 3, false),
        ])
    func reading(_ field: String, _ urgency: Int, _ isIncremental: Bool) {
        let priority = HTTP2Priority(field.utf8.span)
        #expect(priority == HTTP2Priority(urgency: urgency, isIncremental: isIncremental))
    }
}
