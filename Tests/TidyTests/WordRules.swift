/// Words that must not stand in the tree, and names that say nothing.
enum WordRules {
    /// These files spell out what they look for.
    private static func isOurs(_ file: SourceFile) -> Bool {
        file.path.hasPrefix("Tests/TidyTests/")
    }

    /// Marks of unfinished work, anywhere.
    static func unfinished(_ file: SourceFile) -> [Finding] {
        guard !isOurs(file) else { return [] }
        return file.findings { line in
            for mark in ["TODO", "FIXME", "XXX", "HACK"] where contains(line.text, word: mark) {
                return "'\(mark)': do it now, or let it go"
            }
            let isPlaceholder = line.text.lowercased().contains("placeholder")
            return isPlaceholder ? "a placeholder: put there what belongs there" : nil
        }
    }

    /// Ways to trap on what can happen.
    static func traps(_ file: SourceFile) -> [Finding] {
        guard file.path.hasSuffix(".swift") else { return [] }
        return file.findings { line in
            if contains(line.code, word: "fatalError") {
                return "'fatalError': return an outcome, throw, or state a precondition"
            }
            for trap in ["try!", "as!"] where contains(line.code, word: trap) {
                return "'\(trap)': handle the other case"
            }
            return nil
        }
    }

    /// An optional taken for granted: `a!`, `f()!`, `var a: A!`.
    static func unwraps(_ file: SourceFile) -> [Finding] {
        guard file.path.hasSuffix(".swift") else { return [] }
        return file.findings { line in
            let code = Array(line.code.utf8)
            let isForced = code.indices.dropFirst().contains { index in
                let before = code[index - 1]
                let follows = index + 1 < code.count ? code[index + 1] : 0
                return code[index] == UInt8(ascii: "!") && follows != UInt8(ascii: "=")
                    && (Word.isPart(before) || ")]>?".utf8.contains(before))
                    && !endsInTrap(code[..<index])
            }
            return isForced ? "a forced unwrap: bind it, or say what its absence means" : nil
        }
    }

    /// `try!` and `as!` are findings of their own.
    private static func endsInTrap(_ code: ArraySlice<UInt8>) -> Bool {
        let word = String(
            decoding: code.reversed().prefix(while: Word.isPart).reversed(), as: UTF8.self)
        return word == "try" || word == "as"
    }

    /// Output to the terminal is the command line's affair.
    static func prints(_ file: SourceFile) -> [Finding] {
        guard file.isSwift(in: "Sources"), !file.path.hasPrefix("Sources/martlet/") else {
            return []
        }
        return file.findings { line in
            for name in ["print", "debugPrint", "dump"] where contains(line.code, call: name) {
                return "'\(name)(' outside Sources/martlet: emit an event or a metric"
            }
            return nil
        }
    }

    /// Type names that end in a word for anything.
    static func names(_ file: SourceFile) -> [Finding] {
        guard file.path.hasSuffix(".swift") else { return [] }
        return file.findings { line in
            let words = Word.words(of: line.code, on: 0)
            for (keyword, name) in zip(words, words.dropFirst())
            where typeKeywords.contains(keyword.text) && !keyword.followsDot {
                for suffix in emptySuffixes where name.text.hasSuffix(suffix) {
                    return "the type '\(name.text)' ends in '\(suffix)': name what it is or does"
                }
            }
            return nil
        }
    }

    /// Traces of the machine or the process that the code was written with.
    static func origins(_ file: SourceFile) -> [Finding] {
        guard !isOurs(file) else { return [] }
        return file.findings { line in
            let text = line.text.lowercased()
            for path in [
                "/home/", "/root/", "/work/", "/workspace/", "/users/", "/tmp/plan", "/tmp/wt",
            ]
            where stands(path, in: text, after: isPathByte) {
                return
                    "'\(path)…' is a path of one machine: make it relative, or ask the environment"
            }
            for word in ["worktree", "workplace", "subagent", "coding agent", "language model"]
            where text.contains(word) {
                return "'\(word)': speak of Martlet, not of how it was made"
            }
            return nil
        }
    }

    private static let typeKeywords: Set = [
        "struct", "class", "enum", "protocol", "actor", "typealias", "associatedtype",
    ]
    private static let emptySuffixes = [
        "Manager", "Helper", "Helpers", "Util", "Utils", "Base", "Data", "Info",
    ]

    /// True exactly when `word` stands in `text` and is not part of a longer identifier.
    static func contains(_ text: String, word: String) -> Bool {
        let end = word.utf8.last.map(Word.isPart) ?? false
        return stands(
            word, in: text, after: Word.isPart, before: end ? Word.isPart : { _ in false })
    }

    /// True exactly when `text` calls the free function `name`.
    private static func contains(_ text: String, call name: String) -> Bool {
        stands(name + "(", in: text, after: { Word.isPart($0) || $0 == UInt8(ascii: ".") })
            && !contains(text, word: "func")
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        Word.isPart(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/")
    }

    /// True exactly when `part` stands in `text` where no such byte comes right before or after it.
    private static func stands(
        _ part: String, in text: String, after isBefore: (UInt8) -> Bool,
        before isAfter: (UInt8) -> Bool = { _ in false }
    ) -> Bool {
        let (text, part) = (Array(text.utf8), Array(part.utf8))
        guard text.count >= part.count else { return false }
        return (0...(text.count - part.count)).contains { start in
            let end = start + part.count
            return text[start] == part[0] && text[start..<end].elementsEqual(part)
                && !(start > 0 && isBefore(text[start - 1]))
                && !(end < text.count && isAfter(text[end]))
        }
    }
}
