import FuzzChecks
import Testing

/// What fuzzing begins with, and what it has found, holds.
struct CorpusTests {
    @Test(
        "Every input of the corpus keeps the properties of its target",
        arguments: [
            ("Requests", RequestCheck.run), ("Responses", ResponseCheck.run),
            ("Bodies", BodyCheck.run), ("Sessions", SessionCheck.run),
            ("ProxyHeaders", ProxyHeaderCheck.run),
        ] as [(String, @Sendable ([UInt8]) throws(Broken) -> Void)])
    func holds(_ target: String, _ check: @Sendable ([UInt8]) throws(Broken) -> Void) throws {
        let inputs = try Corpus.inputs(of: target)
        #expect(!inputs.isEmpty)
        for (name, bytes) in inputs {
            do throws(Broken) { try check(bytes) } catch { Issue.record("\(name): \(error)") }
        }
    }
}
