internal import ArgumentParser
internal import Server

/// `martlet run`
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Serve in the foreground until told to stop.",
        discussion: """
            Signals: SIGHUP reloads; SIGTERM lets requests end, then exits; a second one or SIGINT \
            exits at once; SIGUSR1 reopens the logs; SIGUSR2 is answered by a warning alone.
            """)

    @Option(
        name: [.short, .long], help: "The configuration file; without it, the embedded default.")
    var config: String?

    @Option(
        help: """
            Append the secrets of all TLS sessions to this file, in the format of SSLKEYLOGFILE: \
            whoever reads it can decrypt the traffic.
            """)
    var tlsKeyLog: String?

    func run() throws {
        do throws(StartError) {
            if let config {
                try Supervisor(.file(config), keyLog: tlsKeyLog).run()
            } else {
                let (source, demo) = try EmbeddedDefault.prepare()
                try Supervisor(source, keyLog: tlsKeyLog).run()
                demo.stop()
            }
        } catch {
            Terminal.error(error.description)
            Terminal.exit(error.exitCode)
        }
    }
}

/// `martlet check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Load everything that run would, bind nothing, and say what is wrong.")

    @Option(name: [.short, .long], help: "The configuration file.")
    var config: String

    func run() throws {
        let (isGood, diagnostics) = ConfigCheck.run(.file(config))
        for line in diagnostics { Terminal.error(line) }
        if !isGood { Terminal.exit(1) }
    }
}
