/// A text with variables in braces, such as `https://www.example{path}{query}`; `{{` and `}}` stand
/// for braces.
public struct RuleText: Sendable, Equatable {
    /// A part of the text.
    public enum Segment: Sendable, Equatable {
        /// What stands there as it is.
        case literal(String)
        /// What takes the variable's place.
        case variable(RuleVariable)
    }

    /// The parts in their order; no two literals beside each other, none empty.
    public var segments: [Segment]

    /// Makes the value.
    public init(segments: [Segment]) { self.segments = segments }

    /// The variables that occur.
    public var variables: [RuleVariable] {
        segments.compactMap { segment in
            if case .variable(let variable) = segment { return variable }
            return nil
        }
    }

    /// What stands at the begin before the first variable.
    var firstLiteral: String {
        if case .literal(let text) = segments.first { return text }
        return ""
    }

    /// Takes a text apart.
    ///
    /// - Parameter variables: those that are known where the text stands.
    /// - Throws: what is wrong with it.
    static func parse(
        _ text: String, _ variables: [RuleVariable], _ context: inout DecodingContext
    ) throws(Refusal) -> RuleText {
        var segments: [Segment] = []
        var literal = ""
        var rest = text[...]
        while let character = rest.popFirst() {
            guard character == "{" || character == "}" else {
                literal.append(character)
                continue
            }
            if rest.first == character {
                rest.removeFirst()
                literal.append(character)
                continue
            }
            guard character == "{", let end = rest.firstIndex(of: "}") else {
                throw Refusal("\(quoted(text)): write '{{' or '}}' for a brace")
            }
            let name = String(rest[..<end])
            rest = rest[rest.index(after: end)...]
            guard let variable = variables.first(where: { $0.rawValue == name }) else {
                throw Refusal(unknown(name, variables, &context))
            }
            if !literal.isEmpty { segments.append(.literal(literal)) }
            literal = ""
            segments.append(.variable(variable))
        }
        if !literal.isEmpty { segments.append(.literal(literal)) }
        return RuleText(segments: segments)
    }

    private static func unknown(
        _ name: String, _ variables: [RuleVariable], _ context: inout DecodingContext
    ) -> String {
        let names = variables.map(\.rawValue)
        if RuleVariable(rawValue: name) != nil {
            return "'{\(name)}' is not known here; variables are "
                + names.map { "{\($0)}" }.joined(separator: ", ")
        }
        let suggestion = context.suggestion(for: name, among: names)
        if !suggestion.isEmpty { return "there is no variable \(quoted(name))\(suggestion)" }
        return "there is no variable \(quoted(name)); variables are "
            + names.map { "{\($0)}" }.joined(separator: ", ")
    }
}
