import Config

/// Texts of configurations.
public enum ConfigurationCheck {
    /// Tries one input.
    public static func run(_ bytes: [UInt8]) throws(Broken) {
        let result = load(bytes)
        let hasError = result.diagnostics.contains { $0.severity == .error }
        try require((result.config == nil) == hasError, "an error and a configuration")
        for diagnostic in result.diagnostics {
            let line = diagnostic.description
            let isOneLine = !line.utf8.contains { $0 < 0x20 || $0 == 0x7f }
            try require(isOneLine, "a diagnostic of more than one line: \(line.debugDescription)")
            try require(diagnostic.line > 0 && diagnostic.column > 0, "a place that is none")
        }
        let again = load(bytes)
        try require(again.config == result.config, "read twice it is another configuration")
        try require(
            again.diagnostics.map(\.description) == result.diagnostics.map(\.description),
            "read twice it has other faults")
    }

    private static func load(_ bytes: [UInt8]) -> LoadResult {
        ConfigLoader.load(text: bytes, file: "m.yaml") { name in
            name == "NONE" ? nil : "3"
        }
    }
}
