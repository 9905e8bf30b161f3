import Foundation

/// The repository that these tests stand in.
enum SourceTree {
    /// The folder that holds `Package.swift`: found from where this file is, not from where the
    /// tests run.
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Everything that people write: sources, tests, scripts, examples, documentation; read once.
    static let files: [SourceFile] = {
        var paths = ["Package.swift", "README.md"]
        for folder in ["Sources", "Tests", "scripts", "conf", ".ci"] {
            let below = FileManager.default.enumerator(atPath: root.path + "/" + folder)
            while let path = below?.nextObject() as? String { paths.append(folder + "/" + path) }
        }
        return paths.sorted().compactMap(read)
    }()

    /// The Swift modules below `Sources`; a C shim is told by its `include` folder.
    static let modules: [String] = folders(in: "Sources").filter {
        !exists("Sources/\($0)/include")
    }

    /// The names of the folders in a folder.
    static func folders(in folder: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: root.path + "/" + folder)
        return (names ?? []).filter { isFolder("\(folder)/\($0)") }.sorted()
    }

    /// True exactly when there is something at the path below the root.
    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.path + "/" + path)
    }

    /// The text of a file; empty if there is none.
    static func text(_ path: String) -> String {
        let bytes = FileManager.default.contents(atPath: root.path + "/" + path)
        return bytes.flatMap { String(validating: $0, as: UTF8.self) } ?? ""
    }

    private static func isFolder(_ path: String) -> Bool {
        let url = root.appendingPathComponent(path)
        return (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory ?? false
    }

    /// Reads a file; nil for folders, and for what is not text or a list that a tool has written.
    private static func read(_ path: String) -> SourceFile? {
        guard !path.contains("/Corpus/"), !path.contains("__pycache__"), !path.hasSuffix(".order"),
            let bytes = FileManager.default.contents(atPath: root.path + "/" + path),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        return SourceFile(path: path, text: text)
    }
}
