/// Why an instance cannot start, with the exit code that says the same to scripts.
public struct StartError: Error, Sendable, CustomStringConvertible {
    /// 1 for a bad configuration, 2 for wrong usage, 3 for what the machine refuses.
    public let exitCode: Int32
    /// What, where, and what to do: one line, or the diagnostics.
    public let description: String

    /// Names the reason.
    public init(exitCode: Int32, _ description: String) {
        self.exitCode = exitCode
        self.description = description
    }

    /// A bad configuration.
    public static func configuration(_ description: String) -> StartError {
        StartError(exitCode: 1, description)
    }

    /// Something that the machine refuses: a port, a file, a permission.
    public static func environment(_ description: String) -> StartError {
        StartError(exitCode: 3, description)
    }
}
