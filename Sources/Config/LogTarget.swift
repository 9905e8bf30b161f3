/// Where a log goes.
public enum LogTarget: Sendable, Hashable {
    /// Standard output, spelled `stdout`.
    case standardOutput
    /// Standard error, spelled `stderr`.
    case standardError
    /// A file that is appended to.
    case file(String)
}
