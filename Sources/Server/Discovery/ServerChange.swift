internal import Platform
internal import Proxy
internal import Telemetry

/// What is different about the servers of a backend.
struct ServerChange: Equatable {
    /// The backend.
    let backend: String
    /// The addresses that came.
    let added: [SocketAddress]
    /// The addresses that went.
    let removed: [SocketAddress]
    /// How many servers there are now.
    let count: Int

    /// Compares; nil where all is as before.
    init?(from old: UpstreamGroup, to new: UpstreamGroup) {
        let isSame = old.servers.elementsEqual(new.servers) { $0.isServed(like: $1) }
        guard !isSame else { return nil }
        let before = Set(old.servers.map(\.address))
        let after = Set(new.servers.map(\.address))
        backend = new.name
        added = new.servers.map(\.address).filter { !before.contains($0) }
        removed = old.servers.map(\.address).filter { !after.contains($0) }
        count = new.servers.count
    }

    /// Writes the event.
    func tell(_ events: EventLog, generation: UInt64) {
        events.emit(
            .info, .serversChanged, ("backend", .text(backend)),
            ("added", .text(ServerChange.spell(added))),
            ("removed", .text(ServerChange.spell(removed))), ("servers", .int(count)),
            ("generation", .int(Int(generation))))
    }

    /// Writes the first addresses, and how many there are beside them.
    static func spell(_ addresses: [SocketAddress]) -> String {
        let shown = addresses.prefix(8).map { "\($0)" }.joined(separator: " ")
        return addresses.count > 8 ? "\(shown) and \(addresses.count - 8) more" : shown
    }
}
