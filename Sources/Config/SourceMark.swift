/// Where something stands in the configuration file; lines and columns count from 1, columns in
/// characters.
public struct SourceMark: Sendable, Hashable, Comparable {
    /// The line, counted from 1.
    public let line: Int

    /// The column, counted from 1 in characters.
    public let column: Int

    /// Makes a mark; the default is the beginning of the file.
    public init(line: Int = 1, column: Int = 1) {
        self.line = line
        self.column = column
    }

    /// Orders marks as they stand in the file.
    public static func < (left: SourceMark, right: SourceMark) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

extension SourceMark: CustomStringConvertible {
    /// How messages refer to another place of the file: `line 14`.
    public var description: String { "line \(line)" }
}
