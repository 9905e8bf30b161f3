internal import Platform

/// What a command says to the person or script that called it.
public enum Console {
    /// Writes a line to standard output.
    public static func output(_ text: String) { write(text, to: .standardOutput()) }

    /// Writes a line to standard error.
    public static func error(_ text: String) { write(text, to: .standardError()) }

    private static func write(_ text: String, to file: AppendFile) {
        let line = text.hasSuffix("\n") ? text : text + "\n"
        _ = file.write(line.utf8.span)
    }
}
