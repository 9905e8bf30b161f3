import Bytes
import Testing

@testable import Proxy

@Suite("TraceContext")
struct TraceContextTests {
    private static let good = "00-" + rest + "01"
    private static let rest = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-"

    private static let goodOnes: [String] = [
        good, "00-\(rest)00", "00-\(rest)ff", "cc-\(rest)01", "cc-\(rest)01-more",
    ]

    private static let badOnes: [String] = [
        "", "00", "ff-\(rest)01", "\(good)-more", "\(good)-", "00-\(rest)0", "00-\(rest)0G",
        "00-\(rest)0A", "cc-\(rest)01more", "0g-\(rest)01", "00_\(rest)01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
        "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
    ]

    private func isValid(_ text: String) -> Bool {
        TraceContext.isValid(Array(text.utf8).span)
    }

    @Test("What the standard allows is valid", arguments: goodOnes)
    func valid(_ text: String) { #expect(isValid(text)) }

    @Test("Anything else is not", arguments: badOnes)
    func invalid(_ text: String) { #expect(!isValid(text)) }

    @Test("What is begun here is valid and always another")
    func begun() {
        var source = IdentifierSource()
        var seen: Set<String> = []
        for _ in 0..<100 {
            let text = written { TraceContext.begin(&source, to: &$0) }
            #expect(isValid(text))
            #expect(text.hasPrefix("00-") && text.hasSuffix("-01"))
            #expect(seen.insert(text).inserted)
        }
    }
}
