/// One remark about the configuration, in the form that compilers use.
public struct Diagnostic: Sendable, Equatable, CustomStringConvertible {
    /// Whether the configuration can still be served.
    public enum Severity: String, Sendable {
        /// The configuration is refused.
        case error
        /// The configuration is served, but something in it is probably not meant.
        case warning
    }

    /// Whether the configuration can still be served.
    public let severity: Severity

    /// The file as the operator named it.
    public let file: String

    /// The line, counted from 1.
    public let line: Int

    /// The column, counted from 1 in characters.
    public let column: Int

    /// What is wrong, and what to write instead where that is known.
    public let message: String

    /// Makes a remark about `mark` in `file`.
    public init(_ severity: Severity, file: String, mark: SourceMark, message: String) {
        self.severity = severity
        self.file = file
        self.line = mark.line
        self.column = mark.column
        self.message = message
    }

    /// The line to print: `FILE:LINE:COLUMN: error: …`.
    public var description: String {
        "\(file):\(line):\(column): \(severity.rawValue): \(message)"
    }
}
