internal import Telemetry

/// What name servers are asked.
enum NameQuestion: Hashable, Sendable {
    /// The addresses of a host.
    case host(String)
    /// The addresses of a host that an SRV record names, which is no part of a name: the search
    /// list of this machine must not make another of it.
    case target(String)
    /// Where a service is: the SRV records of a name.
    case service(String)

    /// The name.
    var name: String {
        switch self {
        case .host(let name), .target(let name), .service(let name): name
        }
    }

    /// The metrics label.
    var kind: DiscoveryFacts.Kind {
        switch self {
        case .host, .target: .addresses
        case .service: .services
        }
    }
}
