import FuzzChecks
import Testing

/// What fuzzing begins with, and what it has found, holds.
struct CorpusTests {
    @Test("Every input of the corpus keeps the properties of its target")
    func holds() throws {
        let inputs = try Corpus.inputs(of: "Configurations")
        #expect(!inputs.isEmpty)
        for (name, bytes) in inputs {
            do throws(Broken) {
                try ConfigurationCheck.run(bytes)
            } catch {
                Issue.record("\(name): \(error)")
            }
        }
    }
}
