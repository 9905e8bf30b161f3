/// What stands between two braces of Swift code, with its header.
struct Scope {
    /// What the braces belong to.
    enum Kind {
        case type, function, variable, other
    }

    let kind: Kind
    /// The line of the keyword that begins the header, from 0.
    let start: Int
    /// The line of the closing brace, from 0.
    private(set) var end: Int
    /// The index of the scope around this one; nil at the top of the file.
    let parent: Int?

    /// True exactly when the line, from 0, belongs to the scope or its header.
    func contains(_ line: Int) -> Bool { start <= line && line <= end }

    /// Finds all braces of a file, each before those inside it.
    static func find(in lines: [SourceLine]) -> [Scope] {
        var scopes: [Scope] = []
        var open: [Int] = []
        var header: [Word] = []
        var depth = 0
        for (number, line) in lines.enumerated() {
            for word in Word.words(of: line.code, on: number) {
                switch word.text {
                case "(", "[": depth += 1
                case ")", "]": depth -= 1
                case "{":
                    let (kind, start) = classify(header)
                    scopes.append(
                        Scope(kind: kind, start: start ?? number, end: number, parent: open.last))
                    open.append(scopes.count - 1)
                    header = []
                case "}":
                    if let last = open.popLast() { scopes[last].end = number }
                    header = []
                default: if depth == 0 || open.isEmpty { header.append(word) }
                }
                if word.text == "{" || word.text == "}" { depth = 0 }
            }
        }
        return scopes
    }

    /// The last keyword before a brace says what the brace belongs to.
    private static func classify(_ header: [Word]) -> (Kind, Int?) {
        for word in header.reversed() where !word.followsDot {
            if let kind = kinds[word.text] { return (kind, word.line) }
        }
        return (.other, nil)
    }

    private static let kinds: [String: Kind] = [
        "struct": .type, "class": .type, "enum": .type, "extension": .type, "protocol": .type,
        "actor": .type, "func": .function, "init": .function, "deinit": .function,
        "subscript": .function, "var": .variable, "let": .variable, "if": .other, "else": .other,
        "guard": .other, "for": .other, "while": .other, "repeat": .other, "do": .other,
        "catch": .other, "switch": .other, "defer": .other, "return": .other,
    ]
}
