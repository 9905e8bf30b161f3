/// What has to stand beside what.
enum LayoutRules {
    /// Tests of a whole module rather than of one of its files.
    private static let wholeModule: Set = [
        "Config/Corpus", "Config/Mutation", "Config/Reference", "Config/Scale", "Config/Schema",
        "HTTP/Corpus", "HTTP/Differential", "HTTP/HTTP2Differential", "HTTP/Mutation",
    ]

    /// `Tests/<Module>Tests/YTests.swift` mirrors a `Y.swift` below `Sources/<Module>`; what tests
    /// only an aspect of it is named `Y+AspectTests.swift`.
    static func mirrors(_ files: [SourceFile], modules: [String]) -> [Finding] {
        let subjects = Set(
            files.filter { $0.isSwift(in: "Sources") }
                .map {
                    "\($0.folder.dropFirst("Sources/".count))/\($0.name.dropLast(".swift".count))"
                })
        return files.compactMap { file in
            guard file.isSwift(in: "Tests"), file.name.hasSuffix("Tests.swift") else { return nil }
            let module = file.folder.dropFirst("Tests/".count).dropLast("Tests".count)
            let subject = "\(module)/\(file.name.dropLast("Tests.swift".count))"
            guard modules.contains(String(module)), !subjects.contains(subject),
                !subjects.contains(String(subject.prefix { $0 != "+" })),
                !wholeModule.contains(subject)
            else { return nil }
            let rule =
                "no Sources/\(module)/**/\(subject.dropFirst(module.count + 1)).swift to test"
            return Finding(file: file.path, line: 1, rule: rule)
        }
    }

    /// Each module has a page: purpose, invariants, reading order. The command line explains
    /// itself.
    static func pages(_ paths: Set<String>, modules: [String]) -> [Finding] {
        modules.filter { $0 != "martlet" }.map { "Sources/\($0)/\($0).docc/\($0).md" }.filter {
            !paths.contains($0)
        }
        .map { Finding(file: $0, line: 1, rule: "missing: purpose, invariants, reading order") }
    }
}
