internal import Config
internal import Proxy
internal import Telemetry

extension Supervisor {
    /// Looks after the servers of what has been installed.
    func followHealth(_ config: ProxyConfig, _ snapshot: RuntimeSnapshot) {
        let groups = Supervisor.healthGroups(config, snapshot)
        for server in standings.meet(groups.flatMap(\.servers)) {
            events.emit(
                .info, .serverTakesClients, ("backend", .text(server.backend)),
                ("server", .text(server.name)), ("address", .text("\(server.address)")))
        }
        health.follow(groups)
    }

    /// The backends of a snapshot, and how their servers are looked after.
    static func healthGroups(_ config: ProxyConfig, _ snapshot: RuntimeSnapshot) -> [HealthGroup] {
        zip(config.backends, snapshot.groups).map { backend, group in
            HealthGroup(
                backend: backend.name,
                servers: group.servers.map { server in
                    HealthSubject(
                        label: server.label, backend: backend.name, name: server.name,
                        address: server.address, host: server.host, tls: server.tls,
                        proxyHeader: server.proxyHeader, speaks: server.speaks)
                },
                check: backend.health, outliers: backend.outliers,
                panicThreshold: backend.panicThreshold)
        }
    }
}
