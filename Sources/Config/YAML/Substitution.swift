/// Replaces `${NAME}` by the value of an environment variable and `$${` by `${`.
///
/// What a variable holds is not looked at again: it can neither name another one nor become YAML.
enum Substitution {
    /// What became of a text.
    enum Outcome: Equatable {
        /// Nothing in it stands for anything else.
        case unchanged
        /// The text with its variables replaced.
        case replaced(String)
        /// Why it cannot be used.
        case failed(String)
    }

    /// Replaces all variables of `text`; a `$` that no `{` follows is a `$`.
    static func apply(to text: String, environment: (String) -> String?) -> Outcome {
        var result = ""
        var rest = text[...]
        var isChanged = false
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
                isChanged = true
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else {
                    return .failed("'${' without '}' in \(quoted(text)); write '$${' for the text")
                }
                let name = String(rest.dropFirst(2)[..<end])
                guard isName(name) else {
                    return .failed("\(quoted(name)) is not the name of an environment variable")
                }
                guard let value = environment(name) else {
                    return .failed("the environment variable '\(name)' is not set")
                }
                result += value
                rest = rest[end...].dropFirst()
                isChanged = true
            } else {
                result += "$"
                rest = rest.dropFirst()
            }
        }
        return isChanged ? .replaced(result + rest) : .unchanged
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy { byte in
            isDigit(byte) || byte == UInt8(ascii: "_")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
