internal import Config
internal import Platform
internal import Telemetry

extension Supervisor {
    /// Opens the admin endpoint, if there is to be one.
    func startAdmin(_ config: ProxyConfig) throws(StartError) {
        admin = try makeAdmin(config)
    }

    /// Follows a change of the admin address; the old one is closed once the new one is open.
    func replaceAdmin(_ next: ProxyConfig) throws(StartError) {
        guard next.admin != config.admin else { return }
        let fresh = try makeAdmin(next)
        let old = admin
        admin = fresh
        // The request that asked for this may be on the old one, and another one may wait for the
        // control thread: nobody is waited for here.
        if let old {
            old.beginStop()
            retired.append(old)
        }
    }

    /// Closes the admin endpoint; requests that wait for this thread are told that it ends.
    func stopAdmin() {
        let servers = retired + [admin].compactMap(\.self)
        for server in servers { server.beginStop() }
        let deadline = MonotonicTime.now() + Supervisor.adminPatience
        while servers.contains(where: { !$0.hasEnded }), MonotonicTime.now() < deadline {
            for command in commands.drain() { handle(command) }
            _ = Poll.wait([commands.rawDescriptor], timeout: .milliseconds(10))
        }
        for server in servers where server.hasEnded { server.stop() }
    }

    private func makeAdmin(_ config: ProxyConfig) throws(StartError) -> ControlServer? {
        guard let endpoint = config.admin else { return nil }
        guard let address = SocketAddress("\(endpoint.address)") else {
            throw .configuration(
                "martlet: '\(endpoint.address)' is no address for the admin endpoint")
        }
        guard !Socket.isTaken(address) else {
            throw .environment(
                "martlet: cannot open the admin endpoint: \(address) is taken, by another "
                    + "process or by a listener of this one; is Martlet running already? "
                    + "Choose another 'admin: address'")
        }
        let admin = AdminEndpoint(source: adminSource())
        do throws(SystemError) {
            let server = try ControlServer(address: address) { admin.respond(to: $0) }
            events.emit(.info, .adminOpened, ("address", .text("\(server.address)")))
            return server
        } catch {
            // Without a number, something else stands at its path.
            let advice =
                error.code == 0
                ? "move it away or choose another 'admin: address'"
                : "check 'admin: address', which has to be one of this machine, and that this user "
                    + "may listen there"
            throw .environment("martlet: cannot open the admin endpoint: \(error); \(advice)")
        }
    }

    /// The admin endpoint reads shared facts, and asks the control thread for what changes them.
    private func adminSource() -> AdminSource {
        let state = self.state
        let registry = self.registry
        let commands = self.commands
        return AdminSource(
            metrics: { registry.render($0) },
            isReady: { state.isReady },
            status: { state.report() },
            reload: { Supervisor.requestReload(commands) },
            command: { Supervisor.request($0, commands) })
    }

    private static func request(
        _ command: ServerCommand, _ commands: Mailbox<ControlCommand>
    ) -> ServerOutcome {
        do throws(SystemError) {
            let reply = try Mailbox<ServerOutcome>()
            commands.post(.server(command, reply: reply))
            _ = Poll.wait([reply.rawDescriptor], timeout: reloadPatience)
            return reply.drain().first
                ?? ServerOutcome(
                    ok: false, text: "the instance has not answered within \(reloadPatience)")
        } catch {
            return ServerOutcome(ok: false, text: "\(error)")
        }
    }

    private static func requestReload(_ commands: Mailbox<ControlCommand>) -> ReloadOutcome {
        do throws(SystemError) {
            let reply = try Mailbox<ReloadOutcome>()
            commands.post(.reload(reply: reply))
            _ = Poll.wait([reply.rawDescriptor], timeout: reloadPatience)
            return reply.drain().first
                ?? ReloadOutcome(
                    ok: false, generation: 0,
                    diagnostics: [
                        "the reload has not ended within \(reloadPatience); see the event log"
                    ])
        } catch {
            return ReloadOutcome(ok: false, generation: 0, diagnostics: ["\(error)"])
        }
    }

    /// How long requests are given to end when the instance does.
    private static let adminPatience = Duration.seconds(3)
    /// How long a request waits for the reload that it asked for.
    private static let reloadPatience = Duration.seconds(25)
}
