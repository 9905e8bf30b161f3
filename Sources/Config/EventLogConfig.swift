/// Where and how much of the events is logged.
public struct EventLogConfig: Sendable, Equatable {
    /// How much an event matters.
    public enum Level: String, Sendable, CaseIterable {
        /// Of use to whoever looks for the cause of something.
        case debug
        /// The normal course of things.
        case info
        /// Served, but somebody should look.
        case warning
        /// Something did not work.
        case error
    }

    /// Where the lines go.
    public var target: LogTarget

    /// The least level that is logged.
    public var level: Level

    /// Makes the value; what is left out has its default.
    public init(
        target: LogTarget = .standardError,
        level: Level = .info
    ) {
        self.target = target
        self.level = level
    }
}
