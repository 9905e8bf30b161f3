/// Unsafe code is fenced (only in a few places) and signed (each use within reach of a `SAFETY`
/// comment).
enum UnsafeRules {
    private static let folders = [
        "Sources/Bytes/", "Sources/Platform/", "Sources/TLS/", "Sources/HTTP/HTTP2/",
        "Sources/Config/YAML/",
    ]

    static func fence(_ file: SourceFile) -> [Finding] {
        guard file.isSwift(in: "Sources"), !folders.contains(where: file.path.hasPrefix) else {
            return []
        }
        return file.findings { line in
            WordRules.contains(line.code, word: "unsafe")
                ? "'unsafe' outside Bytes, Platform, TLS, HTTP/HTTP2 and Config/YAML" : nil
        }
    }

    /// A `// SAFETY:` comment reaches all of the function or property that it stands in.
    ///
    /// In the body of a type or at the top of the file it reaches the declaration below it; above a
    /// stored property it states the invariant behind every use of the pointer, and reaches all of
    /// the type.
    static func signature(_ file: SourceFile) -> [Finding] {
        guard file.isSwift(in: "Sources") else { return [] }
        let reached = file.lines.indices.filter { isSignature(file.lines[$0]) }
            .map { reach(of: $0, in: file) }
        return file.lines.indices.compactMap { index in
            guard WordRules.contains(file.lines[index].code, word: "unsafe"),
                !reached.contains(where: { $0.contains(index) })
            else { return nil }
            let rule = "'unsafe' without '// SAFETY:' (owner, lifetime, bound) within reach"
            return Finding(file: file.path, line: index + 1, rule: rule)
        }
    }

    private static func isSignature(_ line: SourceLine) -> Bool {
        line.prose.contains("// SAFETY:") || line.prose.contains("/// SAFETY:")
    }

    private static func reach(of signature: Int, in file: SourceFile) -> ClosedRange<Int> {
        var around = file.scopes.lastIndex { $0.start <= signature && signature <= $0.end }
        // A branch, a loop, an accessor or a closure is part of its function or property.
        while let inner = around, file.scopes[inner].kind != .function,
            let parent = file.scopes[inner].parent, file.scopes[parent].kind != .type
        {
            around = parent
        }
        if let around, file.scopes[around].kind != .type {
            return file.scopes[around].start...file.scopes[around].end
        }
        var first = signature
        while first + 1 < file.lines.count, file.lines[first].isComment { first += 1 }
        let declared = declaration(at: first, in: file)
        guard let around, isStored(first, declared, file) else { return signature...declared }
        return file.scopes[around].start...file.scopes[around].end
    }

    /// The last line of the declaration that begins at the line.
    private static func declaration(at first: Int, in file: SourceFile) -> Int {
        var blank = first
        while blank < file.lines.count, !file.lines[blank].isBlank { blank += 1 }
        // The outermost brace that opens before the next blank line is the declaration's.
        let body = file.scopes.first { scope in
            scope.start >= first && scope.start < blank
        }
        return max(body?.end ?? (blank - 1), first)
    }

    private static func isStored(_ first: Int, _ last: Int, _ file: SourceFile) -> Bool {
        let words = Word.words(of: file.lines[first].code, on: first).map(\.text)
        let hasBody = file.scopes.contains {
            $0.kind == .variable && $0.start == first && $0.end > first
        }
        return (words.contains("let") || words.contains("var")) && !words.contains("func")
            && !hasBody
    }
}
