/// The arrows between modules, as the table of the design has them; they point down only.
enum ImportRules {
    static let allowed: [String: Set<String>] = [
        "Bytes": [],
        "Config": ["CYAML"],
        "Platform": ["Bytes", "CLinux", "Glibc"],
        "TLS": ["Bytes", "COpenSSL"],
        "HTTP": ["Bytes", "CNGHTTP2"],
        "Telemetry": ["Bytes", "Platform"],
        "Proxy": ["Bytes", "Config", "Platform", "TLS", "HTTP", "Telemetry"],
        "Certificates": [
            "Bytes", "Platform", "TLS", "HTTP", "Telemetry", "FoundationEssentials",
        ],
        "Server": [
            "Bytes", "Config", "Platform", "TLS", "HTTP", "Telemetry", "Proxy", "Certificates",
            "FoundationEssentials",
        ],
        "martlet": ["Server", "Config", "ArgumentParser"],
    ]

    /// Part of the language; costs nothing and reaches nothing outside.
    private static let everywhere: Set = ["Swift", "Synchronization"]
    private static let shims: Set = ["CLinux", "COpenSSL", "CNGHTTP2", "CYAML", "Glibc"]

    static func arrows(_ file: SourceFile) -> [Finding] {
        guard file.isSwift(in: "Sources"), let module = file.folder.split(separator: "/").last
        else {
            return []
        }
        let permitted = allowed[String(module)] ?? []
        return file.findings { line in
            guard let name = imported(by: line), !everywhere.contains(name),
                !permitted.contains(name)
            else { return nil }
            if name == "Foundation" { return "nobody imports Foundation: 45 MB and its start-up" }
            return "\(module) must not import \(name)"
        }
    }

    /// What C calls things stays inside the module that wraps it.
    static func shimsStayInside(_ file: SourceFile) -> [Finding] {
        guard file.isSwift(in: "Sources") else { return [] }
        return file.findings { line in
            guard let name = imported(by: line), shims.contains(name),
                !line.code.contains("internal import")
            else { return nil }
            return "write 'internal import \(name)'"
        }
    }

    /// The module that an import names, without what of it is wanted.
    private static func imported(by line: SourceLine) -> String? {
        let words = Word.words(of: line.code, on: 0).map(\.text)
        guard let keyword = words.firstIndex(of: "import"),
            line.code.hasPrefix("import")
                || words.prefix(keyword).allSatisfy(modifiers.contains)
        else { return nil }
        return words.dropFirst(keyword + 1).first { !kinds.contains($0) }
    }

    private static let modifiers: Set = [
        "public", "internal", "package", "private", "fileprivate", "@", "testable",
        "preconcurrency",
        "_exported", "_implementationOnly",
    ]
    private static let kinds: Set = [
        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]
}
