internal import Bytes
internal import Config
internal import HTTP
internal import Platform

/// How one backend spreads requests: all that can be computed before the first of them, off the
/// workers.
final class BalancePlan: Sendable {
    /// Servers that are used together: those that are no backups, or those that are.
    struct Tier: Sendable {
        /// The indices of the servers that take new clients, in the order of the configuration.
        let members: [Int]
        /// One round of smooth weighted round robin, as places in `members`.
        let sequence: [UInt16]
        /// The circle of a hash, whose servers are places in `members`; empty with other methods.
        let ring: HashRing
    }

    /// How a server is chosen, where nothing says which.
    enum Method: Sendable {
        case roundRobin
        case leastConnections
        case powerOfTwo
        case hash(KeySource)
    }

    let method: Method
    /// Those with members, in the order in which they are used.
    let tiers: [Tier]
    /// The weights of all servers.
    let weights: [Int]
    /// The tokens of the servers; nil where clients do not stay.
    let affinity: AffinityPlan?
    /// In how many nanoseconds a server that has risen gets to its full share; 0 for at once.
    let slowStart: Int64

    init(backend: String, servers: [ServerPlan], _ config: BalancingConfig) {
        var isHashed = false
        switch config.method {
        case .roundRobin: method = .roundRobin
        case .leastConnections: method = .leastConnections
        case .powerOfTwo: method = .powerOfTwo
        case .hash(let key):
            method = .hash(KeySource(key))
            isHashed = true
        }
        weights = servers.map(\.weight)
        tiers = [false, true].compactMap { isBackup in
            let takers = servers.indices.filter {
                servers[$0].isBackup == isBackup && servers[$0].weight > 0
            }
            // As many as 16 bits can name.
            let members = Array(takers.prefix(Int(UInt16.max)))
            guard !members.isEmpty else { return nil }
            let weights = members.map { servers[$0].weight }
            return Tier(
                members: members, sequence: SmoothWeights.sequence(weights),
                ring: HashRing(
                    names: isHashed ? members.map { servers[$0].name } : [],
                    weights: isHashed ? weights : []))
        }
        affinity = config.affinity.map { AffinityPlan($0, backend: backend, servers: servers) }
        slowStart = config.slowStart?.wholeNanoseconds ?? 0
    }
}

/// Where a request's key is found.
enum KeySource: Sendable {
    case field(FieldName, spelling: [UInt8])
    case cookie([UInt8])
    case clientAddress

    init(_ key: BalanceMethod.Key) {
        switch key {
        case .header(let name):
            let spelling = Array(name.utf8)
            self = .field(FieldName(spelling.span), spelling: spelling)
        case .cookie(let name): self = .cookie(Array(name.utf8))
        case .clientAddress: self = .clientAddress
        }
    }

    /// The hash of a request's key; nil where the request has none.
    func key(of request: borrowing RequestHead, client: SocketAddress?) -> UInt64? {
        var hash = StableHash()
        switch self {
        case .field(.host, _):
            hash.add(request.host)
        case .field(let id, let spelling):
            var isFound = false
            for index in 0..<request.fields.count where request.fields.id(index) == id {
                if id == .other,
                    !request.fields.name(index).equalsIgnoringCase(spelling.span)
                {
                    continue
                }
                hash.add(request.fields.value(index))
                isFound = true
            }
            guard isFound else { return nil }
        case .cookie(let name):
            guard let (index, range) = CookieReader.find(name.span, in: request.fields) else {
                return nil
            }
            hash.add(request.fields.value(index).extracting(range))
        case .clientAddress:
            switch client {
            case .ipv4(let bits, _): hash.add(UInt64(bits))
            // The rest changes as the client likes.
            case .ipv6(let upper, _, _): hash.add(upper)
            case .unix, nil: return nil
            }
        }
        return hash.value
    }
}
