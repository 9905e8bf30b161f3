/// A file of the repository, split into lines.
struct SourceFile {
    /// The path from the root of the repository, such as `Sources/Bytes/ByteQueue.swift`.
    let path: String
    let lines: [SourceLine]
    /// The braces of the code, outermost first; empty for files that are not Swift.
    let scopes: [Scope]

    /// Splits a file; comments and strings are told apart in Swift and C, all else is prose.
    init(path: String, text: String) {
        self.path = path
        let bytes = Array(text.utf8)
        let hasCode = [".swift", ".c", ".h"].contains { path.hasSuffix($0) }
        let isCode =
            hasCode ? SourceMask(bytes).isCode : Array(repeating: false, count: bytes.count)
        lines = SourceFile.split(bytes, isCode)
        scopes = path.hasSuffix(".swift") ? Scope.find(in: lines) : []
    }

    /// The first two parts of the path, such as `Sources/Bytes`.
    var folder: String { path.split(separator: "/").prefix(2).joined(separator: "/") }

    /// The last part of the path.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// True exactly when the file is Swift below the folder.
    func isSwift(in folder: String) -> Bool {
        path.hasPrefix(folder + "/") && path.hasSuffix(".swift")
    }

    /// A finding for each line, counted from 1, for which `rule` has something to say.
    func findings(_ rule: (SourceLine) -> String?) -> [Finding] {
        lines.enumerated().compactMap { index, line in
            rule(line).map { Finding(file: path, line: index + 1, rule: $0) }
        }
    }

    private static func split(_ bytes: [UInt8], _ isCode: [Bool]) -> [SourceLine] {
        let newline = UInt8(ascii: "\n")
        var lines: [SourceLine] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: newline) ?? bytes.count
            lines.append(line(bytes[start..<end], isCode[start..<end]))
            start = end + 1
        }
        return lines
    }

    private static func line(_ bytes: ArraySlice<UInt8>, _ isCode: ArraySlice<Bool>) -> SourceLine {
        func kept(_ wanted: Bool) -> String {
            let masked = zip(bytes, isCode).map { $1 == wanted ? $0 : UInt8(ascii: " ") }
            return String(decoding: masked, as: UTF8.self)
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let code = kept(true)
        let isComment = text.contains("//") && code.allSatisfy(\.isWhitespace)
        return SourceLine(text: text, code: code, prose: kept(false), isComment: isComment)
    }
}
