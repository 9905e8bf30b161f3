import Testing

@testable import Config

struct RuleTextTests {
    private func parse(_ text: String) throws -> [RuleText.Segment] {
        var context = DecodingContext(file: "m.yaml")
        return try RuleText.parse(text, RuleVariable.allCases, &context).segments
    }

    @Test("Literals and variables come in their order")
    func segments() throws {
        #expect(try parse("") == [])
        #expect(try parse("plain") == [.literal("plain")])
        #expect(try parse("{path}") == [.variable(.path)])
        #expect(
            try parse("a{path}{query}b") == [
                .literal("a"), .variable(.path), .variable(.query), .literal("b"),
            ])
        #expect(try parse("{client_address}") == [.variable(.clientAddress)])
    }

    @Test("Two braces stand for one")
    func braces() throws {
        #expect(try parse("{{path}}") == [.literal("{path}")])
        #expect(try parse("}}{{{host}") == [.literal("}{"), .variable(.host)])
    }

    @Test(
        "What is neither text nor variable is refused",
        arguments: ["{", "}", "{path", "path}", "{}", "{Path}", "{ path }", "{{path}", "${x"])
    func refused(_ text: String) {
        #expect(throws: Refusal.self) { try parse(text) }
    }

    @Test("A name that is near a variable's is asked for")
    func suggestion() {
        var context = DecodingContext(file: "m.yaml")
        let refusal = #expect(throws: Refusal.self) {
            try RuleText.parse("{pathh}", RuleVariable.ofRewrites, &context)
        }
        #expect(refusal?.reason == "there is no variable 'pathh'; did you mean 'path'?")
        let other = #expect(throws: Refusal.self) {
            try RuleText.parse("{status}", RuleVariable.ofRewrites, &context)
        }
        #expect(
            other?.reason == "'{status}' is not known here; variables are {host}, {path}")
    }
}
