/// Where and how requests are logged.
public struct AccessLogConfig: Sendable, Equatable {
    /// How a line is spelled.
    public enum Format: String, Sendable, CaseIterable {
        /// One JSON object per line.
        case json
        /// The combined format of Apache and nginx.
        case combined
    }

    /// Where the lines go.
    public var target: LogTarget

    /// How a line is spelled.
    public var format: Format

    /// Makes the value; what is left out has its default.
    public init(
        target: LogTarget = .standardOutput,
        format: Format = .json
    ) {
        self.target = target
        self.format = format
    }
}
