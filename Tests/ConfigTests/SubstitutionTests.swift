import Testing

@testable import Config

struct SubstitutionTests {
    @Test(
        "Variables are replaced once, everything else stays",
        arguments: [
            ("", nil), ("plain", nil), ("$", nil), ("$A", nil), ("a$$b", nil), ("{A}", nil),
            ("${A}", "1"), ("x${A}y${B}z", "x1y${A}z"), ("$${A}", "${A}"), ("$$${A}", "$${A}"),
            ("${A}$", "1$"), ("${_x1}", "u"),
        ])
    func replaced(_ text: String, _ expected: String?) {
        let variables = ["A": "1", "B": "${A}", "_x1": "u"]
        let outcome = Substitution.apply(to: text) { variables[$0] }
        #expect(outcome == expected.map(Substitution.Outcome.replaced) ?? .unchanged)
    }

    @Test(
        "What cannot be a variable says why", arguments: ["${", "${}", "${1A}", "${A-b}", "${ä}"])
    func failed(_ text: String) {
        guard case .failed = Substitution.apply(to: text, environment: { _ in "x" }) else {
            Issue.record("\(text) was taken")
            return
        }
    }
}
