internal import ArgumentParser
internal import Server

/// Where the running instance listens for these commands.
struct InstanceOptions: ParsableArguments {
    @Option(help: "The admin address of the running instance.")
    var admin = "127.0.0.1:9180"

    @Option(name: [.short, .long], help: "Take the admin address from this configuration file.")
    var config: String?

    /// Asks the instance; ends with 3 if none answers.
    func ask<Answer>(_ question: (InstanceClient) throws(StartError) -> Answer) -> Answer {
        do throws(StartError) {
            return try question(try InstanceClient(admin: admin, config: config))
        } catch {
            Terminal.error(error.description)
            Terminal.exit(error.exitCode)
        }
    }
}

/// `martlet reload`
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Let the running instance load its configuration anew.")

    @OptionGroup var instance: InstanceOptions

    func run() throws {
        let (succeeded, text) = instance.ask { client throws(StartError) in try client.reload() }
        if succeeded {
            Terminal.output(text)
        } else {
            Terminal.error(text)
            Terminal.exit(1)
        }
    }
}

/// `martlet status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what the running instance does, as JSON.")

    @OptionGroup var instance: InstanceOptions

    func run() throws {
        Terminal.output(instance.ask { client throws(StartError) in try client.page("/status") })
    }
}

/// `martlet certs`
struct CertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certs",
        abstract: "Show the certificates that the running instance serves, as JSON.")

    @OptionGroup var instance: InstanceOptions

    func run() throws {
        Terminal.output(instance.ask { client throws(StartError) in try client.page("/certs") })
    }
}

/// `martlet version`
struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version", abstract: "Show the version, and what was found at run time.")

    func run() throws { Terminal.output(BuildFacts.text) }
}
