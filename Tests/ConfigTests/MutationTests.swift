import Config
import TestSupport
import Testing

struct MutationTests {
    private static let pieces = [
        "", " ", "\n", "\t", "\0", ":", "-", "- ", "[", "]", "{", "}", ",", "\"", "'", "#", "|",
        ">",
        "&a ", "*a", "!!int ", "? ", "%", "@", "${", "${X}", "$${", "off", "auto", "1", "-1", "~",
        "99999999999999999999", "é", "\u{FEFF}", "---\n", "...\n", "<<: ", "0x1", "1e9", "::",
    ]

    private static func mutate(
        _ text: [UInt8], _ generator: inout SeededGenerator
    ) -> [UInt8] {
        var text = text
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let start = Int.random(in: 0...text.count, using: &generator)
            let length = Int.random(in: 0...12, using: &generator)
            let range = start..<min(text.count, start + length)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: text.removeSubrange(range)
            case 1: text.insert(contentsOf: Array(text[range]), at: start)
            case 2: text.insert(UInt8.random(in: 0...255, using: &generator), at: start)
            case 3: text.removeSubrange(start...)
            default:
                let piece = pieces.randomElement(using: &generator) ?? ""
                text.replaceSubrange(range, with: Array(piece.utf8))
            }
            if text.isEmpty { break }
        }
        return text
    }

    @Test("No mutation of a valid file breaks the loader", arguments: [1, 2, 3, 4] as [UInt64])
    func mutations(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let text = Array(
            minimal(
                adding: """
                    workers: ${COUNT}
                    timeouts: { drain: 30s }
                    backends:
                      { api: { servers: &s ["127.0.0.1:1", "unix:/a"] }, b: { servers: *s } }
                    access_log: { path: stdout }
                    forwarding: { trusted: [10.0.0.0/8, "::1"] }
                    """
            ).utf8)
        for _ in 0..<1000 {
            let mutant = MutationTests.mutate(text, &generator)
            let result = ConfigLoader.load(text: mutant, file: "m.yaml") { _ in "3" }
            let hasError = result.diagnostics.contains { $0.severity == .error }
            #expect((result.config == nil) == hasError)
            let marks = result.diagnostics.map { SourceMark(line: $0.line, column: $0.column) }
            #expect(marks == marks.sorted())
            #expect(result.diagnostics.allSatisfy { !$0.description.contains("\n") })
        }
    }

    @Test("The reference cut at every point is loaded or refused in words")
    func cuts() throws {
        let text = Array(minimal(adding: "timeouts: { drain: 30s }\nworkers: auto").utf8)
        for end in text.indices {
            let result = ConfigLoader.load(text: Array(text[..<end]), file: "m.yaml") { _ in nil }
            #expect((result.config == nil) != result.diagnostics.isEmpty)
        }
    }
}
