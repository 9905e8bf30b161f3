internal import Telemetry

/// What name servers are asked.
enum NameQuestion: Hashable, Sendable {
    /// The addresses of a host.
    case host(String)
    /// Where a service is: the SRV records of a name.
    case service(String)

    /// The name.
    var name: String {
        switch self {
        case .host(let name), .service(let name): name
        }
    }

    /// The metrics label.
    var kind: DiscoveryFacts.Kind {
        switch self {
        case .host: .addresses
        case .service: .services
        }
    }
}
