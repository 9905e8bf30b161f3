import Bytes
import Testing

@testable import Proxy

@Suite("TraceContext")
struct TraceContextTests {
    private static let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    private func isValid(_ text: String) -> Bool {
        TraceContext.isValid(Array(text.utf8).span)
    }

    @Test(
        "What the standard allows is valid",
        arguments: [
            good, good.dropLast() + "0", good.dropLast(2) + "ff",
            "cc" + good.dropFirst(2), "cc" + good.dropFirst(2) + "-more",
        ].map { "\($0)" })
    func valid(_ text: String) { #expect(isValid(text)) }

    @Test(
        "Anything else is not",
        arguments: [
            "", "00", "ff" + good.dropFirst(2), good + "-more", good + "-", good.dropLast() + "",
            good.uppercased(), "cc" + good.dropFirst(2) + "more", "0g" + good.dropFirst(2),
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
        ].map { "\($0)" })
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
