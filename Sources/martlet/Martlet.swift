internal import ArgumentParser
internal import Server

/// The command line: each command is one way to meet an instance.
@main
struct Martlet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "A TLS-terminating reverse proxy that explains itself.",
        discussion: """
            `martlet run` alone serves https://localhost:8443 in front of a demo backend, with a \
            certificate made on the spot. Exit codes: 0 well, 1 bad configuration, 2 bad usage, \
            3 cannot start.
            """,
        subcommands: [
            RunCommand.self, CheckCommand.self, ReloadCommand.self, StatusCommand.self,
            CertsCommand.self, ServersCommand.self,
            VersionCommand.self,
        ])

    /// Runs the command; wrong usage ends with 2.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            let code = exitCode(for: error)
            if code == .validationFailure {
                Terminal.error(fullMessage(for: error))
                Terminal.exit(2)
            }
            exit(withError: error)
        }
    }
}
