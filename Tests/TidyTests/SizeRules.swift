/// How long files, functions and lines may be.
enum SizeRules {
    static let fileLines = 400
    static let functionLines = 60

    /// Flat tables, which are read by looking up and not from the top: the only files that may be
    /// longer.
    static let flatTables: Set<String> = []

    /// Files that hold code, by hand.
    private static func isCode(_ file: SourceFile) -> Bool {
        let isProgram = [".swift", ".c", ".h", ".py"].contains { file.path.hasSuffix($0) }
        return isProgram || file.path.hasPrefix("scripts/") || file.path.hasPrefix(".ci/")
    }

    static func longFiles(_ file: SourceFile) -> [Finding] {
        guard isCode(file), !flatTables.contains(file.path), file.lines.count > fileLines else {
            return []
        }
        let rule = "the file has \(file.lines.count) lines, \(fileLines) at most: split it"
        return [Finding(file: file.path, line: fileLines + 1, rule: rule)]
    }

    static func longFunctions(_ file: SourceFile) -> [Finding] {
        file.scopes.compactMap { scope in
            let count = scope.end - scope.start + 1
            guard scope.kind == .function, count > functionLines else { return nil }
            let rule = "the function has \(count) lines, \(functionLines) at most: split it"
            return Finding(file: file.path, line: scope.start + 1, rule: rule)
        }
    }

    /// The length of a line that the formatter keeps to; one number for it and for us.
    static func columns(settings: String) -> Int? {
        settings.firstMatch(of: /"lineLength": *([0-9]+)/).flatMap { Int($0.1) }
    }

    static func longLines(_ file: SourceFile, columns: Int) -> [Finding] {
        guard isCode(file) else { return [] }
        return file.findings { line in
            // What is short in bytes is short in characters too.
            guard line.text.utf8.count > columns, line.text.count > columns else { return nil }
            return "the line has \(line.text.count) columns, \(columns) at most"
        }
    }
}
