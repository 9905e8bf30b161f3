import Testing

@testable import Config

struct SpellingTests {
    @Test(
        "The distance counts insertions, deletions, replacements and swaps",
        arguments: [
            ("", "", 0), ("a", "", 1), ("", "ab", 2), ("abc", "abc", 0), ("abc", "abd", 1),
            ("abc", "acb", 1), ("kitten", "sitting", 3), ("upsteam", "upstream", 1),
        ])
    func distance(_ left: String, _ right: String, _ expected: Int) {
        #expect(Spelling.distance(Array(left.utf8), Array(right.utf8)) == expected)
        #expect(Spelling.distance(Array(right.utf8), Array(left.utf8)) == expected)
    }

    @Test("Only what is near is suggested, the nearest first")
    func nearest() {
        #expect(Spelling.nearest(to: "Timeout", among: ["tls", "timeouts"]) == "timeouts")
        #expect(Spelling.nearest(to: "apl", among: ["spa", "api"]) == "api")
        #expect(Spelling.nearest(to: "x", among: ["api"]) == nil)
        #expect(Spelling.nearest(to: "", among: ["a"]) == nil)
        #expect(Spelling.nearest(to: String(repeating: "a", count: 65), among: ["a"]) == nil)
    }
}
