internal import Config
internal import Platform

extension Discovery {
    /// The servers of a backend, as they are known at the moment.
    func servers(of backend: BackendConfig) -> [FoundServer] {
        if case .service(let name) = backend.discovery {
            return servers(of: services(name), name, backend)
        }
        var isFile = false
        if case .file = backend.discovery { isFile = true }
        var found: [FoundServer] = []
        var unnamed: [FoundServer] = []
        for (index, server) in listed(backend).enumerated() {
            if isFile, !mayName(server.text, backend: backend.name) {
                unnamed += nameless(server, kin: index)
                continue
            }
            guard case .name(let host, let port) = server.address else {
                guard let address = SocketAddress("\(server.address)") else { continue }
                found.append(
                    FoundServer(
                        name: server.text, address: address, weight: server.weight,
                        isBackup: server.isBackup))
                continue
            }
            let addresses = self.addresses(.host(host)).map { $0.with(port: port) }
            for (number, address) in place(addresses, backend: backend.name, server: server.text) {
                found.append(
                    FoundServer(
                        name: Discovery.name(server.text, number), address: address,
                        host: "\(server.address)", weight: server.weight, isBackup: server.isBackup,
                        kin: index))
            }
        }
        return found + numbered(unnamed, backend)
    }

    /// What is known of a server that gets its name with its number.
    private func nameless(_ server: ServerConfig, kin: Int) -> [FoundServer] {
        var all: [FoundServer] = []
        if case .name(let host, let port) = server.address {
            all = addresses(.host(host)).prefix(Discovery.maximumAddresses).map {
                FoundServer(
                    name: "", address: $0.with(port: port), host: "\(server.address)", kin: kin)
            }
        } else if let address = SocketAddress("\(server.address)") {
            all = [FoundServer(name: "", address: address, host: server.text)]
        }
        for index in all.indices {
            all[index].weight = server.weight
            all[index].isBackup = server.isBackup
        }
        return all
    }

    /// The addresses of a host; none while nobody knows them.
    private func addresses(_ question: NameQuestion) -> [SocketAddress] {
        guard case .addresses(let all) = book[question]?.answer else { return [] }
        return all
    }

    /// Servers of a file that has had so many that these are called by numbers.
    private func numbered(_ servers: [FoundServer], _ backend: BackendConfig) -> [FoundServer] {
        guard !servers.isEmpty else { return [] }
        let known = Dictionary(servers.map { ($0.address, $0) }) { first, _ in first }
        let placed = place(
            servers.map(\.address), backend: backend.name, server: Discovery.fileSlots,
            atMost: ServerList.maximumServers)
        return placed.compactMap { number, address in
            var server = known[address]
            server?.name = Discovery.name(Discovery.fileSlots, number)
            return server
        }
    }

    /// The servers that SRV records name: whom to try first serves, the others wait for its end
    /// (RFC 2782).
    private func servers(
        of services: [DNSService], _ name: String, _ backend: BackendConfig
    ) -> [FoundServer] {
        var targets: [SocketAddress: (service: DNSService, kin: Int)] = [:]
        var addresses: [SocketAddress] = []
        for (index, service) in services.enumerated() {
            for address in self.addresses(.target(service.target)) {
                let place = address.with(port: service.port)
                guard targets[place] == nil, addresses.count < Discovery.maximumAddresses
                else { continue }
                targets[place] = (service, index)
                addresses.append(place)
            }
        }
        let first = targets.values.map(\.service.priority).min() ?? 0
        let heaviest = services.map { Int($0.weight) }.max() ?? 0
        return place(addresses, backend: backend.name, server: name).compactMap { number, address in
            guard let (service, kin) = targets[address] else { return nil }
            return FoundServer(
                name: Discovery.name(name, number), address: address,
                host: "\(service.target):\(service.port)",
                weight: Discovery.weight(Int(service.weight), heaviest: heaviest),
                isBackup: service.priority > first, kin: kin)
        }
    }

    /// The weight of a service among ours: of 16 bits, ours have 8. A weight of 0 is the least.
    static func weight(_ weight: Int, heaviest: Int) -> Int {
        heaviest <= maximumWeight ? max(1, weight) : max(1, weight * maximumWeight / heaviest)
    }

    /// What a server is called: the first of a name as the name itself.
    static func name(_ text: String, _ number: Int) -> String {
        number == 1 ? text : "\(text)#\(number)"
    }

    /// The largest weight of a server.
    private static let maximumWeight = 256
}
