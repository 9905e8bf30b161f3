import Config
import Foundation

/// What tests need from the repository and from the loader.
enum Repository {
    /// The directory that holds `Package.swift`.
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The text of a file, by its path from the root.
    static func text(of path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }
}

/// Loads a text as the file `m.yaml` with a few environment variables.
func load(_ text: String, file: String = "m.yaml") -> LoadResult {
    let environment = ["PORT": "8443", "COUNT": "3", "SECRET": "${PORT}: [x", "EMPTY": ""]
    return ConfigLoader.load(text: Array(text.utf8), file: file) { environment[$0] }
}

/// A valid file with one more top-level part, which begins at line 6.
func minimal(adding part: String) -> String {
    """
    listeners: [{ address: "0.0.0.0:443" }]
    sites:
      - hosts: ["a.example"]
        certificates: [{ chain: a.pem, key: a.key }]
        backend: "http://127.0.0.1:9000"
    \(part)
    """
}

/// A valid file with its site's lines from the fourth on replaced.
func site(_ lines: String) -> String {
    """
    listeners: [{ address: "0.0.0.0:443" }]
    sites:
      - hosts: ["a.example"]
    \(lines)
    """
}
