internal import Platform
internal import Proxy
internal import Telemetry

extension Supervisor {
    /// Drains a server, or lets it take requests again; it stays so over reloads.
    func obey(_ command: ServerCommand) -> ServerOutcome {
        guard let backend = state.backends.first(where: { $0.name == command.backend }) else {
            return ServerOutcome(ok: false, text: "there is no backend '\(command.backend)'")
        }
        guard backend.servers.contains(where: { $0.name == command.server }) else {
            return ServerOutcome(
                ok: false,
                text: "backend '\(command.backend)' has no server '\(command.server)', but "
                    + backend.servers.map(\.name).joined(separator: ", "))
        }
        let label = registry.server(backend: command.backend, server: command.server)
        let place = "server '\(command.server)' of backend '\(command.backend)'"
        let text =
            command.isDrain ? "\(place) takes no new clients" : "\(place) takes new clients"
        guard standings.standing(of: label).isDrained != command.isDrain else {
            return ServerOutcome(ok: true, text: text + " already")
        }
        standings.change(label) {
            $0.isDrained = command.isDrain
            if !command.isDrain { $0.risenAt = MonotonicTime.now() }
        }
        events.emit(
            .info, command.isDrain ? .serverDrained : .serverTakesClients,
            ("backend", .text(command.backend)), ("server", .text(command.server)))
        return ServerOutcome(ok: true, text: text)
    }
}
