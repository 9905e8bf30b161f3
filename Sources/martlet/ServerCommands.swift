internal import ArgumentParser
internal import Server

/// `martlet servers`
struct ServersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "servers",
        abstract: "Show the servers of the running instance, or drain one of them.",
        subcommands: [
            ListServersCommand.self, DrainServerCommand.self, ReadyServerCommand.self,
        ],
        defaultSubcommand: ListServersCommand.self)
}

/// `martlet servers list`
struct ListServersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the servers and their states, as JSON.")

    @OptionGroup var instance: InstanceOptions

    func run() throws {
        Terminal.output(instance.ask { client throws(StartError) in try client.page("/servers") })
    }
}

/// Which server is meant.
struct ServerArguments: ParsableArguments {
    @Argument(help: "The name of the backend.")
    var backend: String

    @Argument(help: "The server as the configuration names it, such as 127.0.0.1:9001.")
    var server: String

    @OptionGroup var instance: InstanceOptions

    /// Asks for it; ends with 1 if there is no such server.
    func ask(draining: Bool) {
        let (succeeded, text) = instance.ask { client throws(StartError) in
            try client.setServer(server, of: backend, draining: draining)
        }
        if succeeded {
            Terminal.output(text)
        } else {
            Terminal.error(text)
            Terminal.exit(1)
        }
    }
}

/// `martlet servers drain`
struct DrainServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Let a server take no new clients; those that a cookie holds come still.")

    @OptionGroup var place: ServerArguments

    func run() throws { place.ask(draining: true) }
}

/// `martlet servers ready`
struct ReadyServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ready", abstract: "Let a server that was drained take new clients again.")

    @OptionGroup var place: ServerArguments

    func run() throws { place.ask(draining: false) }
}
