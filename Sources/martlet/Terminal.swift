internal import ArgumentParser
internal import Server

/// How the command line speaks and how it ends.
enum Terminal {
    /// Writes a line to standard output.
    static func output(_ text: String) { Console.output(text) }

    /// Writes a line to standard error.
    static func error(_ text: String) { Console.error(text) }

    /// Ends the process.
    static func exit(_ code: Int32) -> Never { Martlet.exit(withError: ExitCode(code)) }
}
