internal import Certificates
internal import Config
internal import Platform
internal import Proxy
internal import TLS
internal import Telemetry

/// `martlet check`: everything that a start would load, without binding anything.
public enum ConfigCheck {
    /// Loads the configuration and builds its snapshot; returns all diagnostics and whether an
    /// instance would start.
    public static func run(_ source: ConfigSource) -> (isGood: Bool, diagnostics: [String]) {
        OpenSSLFacts.start()
        do throws(StartError) {
            let result = try source.load()
            guard let config = result.config else {
                return (false, result.diagnostics.map { "\($0)" })
            }
            var builder = SnapshotBuilder(
                file: source.name, registry: MetricsRegistry())
            builder.staples = try staples(registry: builder.registry)
            builder.discovery = try discovery(registry: builder.registry)
            let surroundings = SnapshotBuilder.Surroundings(
                generation: 1, workers: 1, connectionLimit: 1024, now: WallTime.now(),
                ticketKeys: try Supervisor.makeTicketKeys(config).keys)
            let outcome = builder.build(config, surroundings) { _ in }
            let occupied = occupiedPaths(config, file: source.name)
            let all = result.diagnostics + outcome.diagnostics + occupied
            return (outcome.snapshot != nil && occupied.isEmpty, all.map { "\($0)" })
        } catch {
            return (false, [error.description])
        }
    }

    /// The addresses whose paths have something that a start would not replace by a socket.
    private static func occupiedPaths(_ config: ProxyConfig, file: String) -> [Diagnostic] {
        var places: [(address: AddressConfig, mark: SourceMark)] = []
        for listener in config.listeners {
            for address in listener.addresses { places.append((address, listener.mark)) }
        }
        if let admin = config.admin { places.append((admin.address, SourceMark())) }
        var diagnostics: [Diagnostic] = []
        for place in places {
            guard let address = SocketAddress("\(place.address)") else { continue }
            do throws(SystemError) {
                try Socket.checkFile(of: address)
            } catch {
                let message = "cannot listen: \(error); move it away or choose another address"
                diagnostics.append(
                    Diagnostic(.error, file: file, mark: place.mark, message: message))
            }
        }
        return diagnostics
    }

    private static func discovery(registry: MetricsRegistry) throws(StartError) -> Discovery {
        do throws(SystemError) {
            return try Discovery(DiscoveryJournal(events: nil, registry: registry))
        } catch {
            throw .environment("martlet: \(error)")
        }
    }

    /// What a start would find stapled; the state directory may be another user's, so nothing is
    /// written there.
    private static func staples(registry: MetricsRegistry) throws(StartError) -> StapleLoader {
        let journal = StapleJournal(events: nil, registry: registry)
        do throws(SystemError) {
            let keeper = try StapleKeeper(
                state: StateDirectory.path(), isReadOnly: true, journal: journal
            ) {}
            return StapleLoader(keeper: keeper, journal: journal)
        } catch {
            throw .environment("martlet: \(error)")
        }
    }
}
