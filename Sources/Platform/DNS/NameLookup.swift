/// Looks names up as this machine does: in `/etc/hosts`, then at the name servers, and at last
/// whatever else `/etc/nsswitch.conf` names.
///
/// The C library's own function for all that does not say for how long an answer holds. Every
/// function blocks, for half a minute where name servers are silent: for threads that may wait.
public struct NameLookup: Sendable {
    private let client: DNSClient
    private let hostsFile: String

    /// What a lookup brought.
    public struct Answer<Found: Sendable & Equatable>: Sendable, Equatable {
        /// What was found, at least one.
        public var found: [Found]
        /// For how many seconds that holds; nil where nobody says.
        public var ttl: UInt32?
        /// True exactly when one family of addresses could not be asked for.
        public var isPartial = false

        /// Makes the value.
        public init(_ found: [Found], ttl: UInt32?, isPartial: Bool = false) {
            self.found = found
            self.ttl = ttl
            self.isPartial = isPartial
        }
    }

    /// Makes what asks these name servers, three at most; those of `/etc/resolv.conf` without any.
    public init(servers: [SocketAddress] = [], hostsFile: String = "/etc/hosts") {
        client = DNSClient(servers: servers)
        self.hostsFile = hostsFile
    }

    /// The addresses of a host, with port 0, those first that this machine can reach; of one that
    /// ends in a dot, whatever the search list says.
    public func addresses(of host: String) throws(LookupError) -> Answer<SocketAddress> {
        let name = host.hasSuffix(".") ? String(host.dropLast()) : host
        let known = HostsFile(path: hostsFile).addresses(of: name)
        if !known.isEmpty {
            return Answer(NameLookup.usable(NameLookup.distinct(known)), ttl: nil)
        }
        do throws(LookupError) {
            return try ask(host)
        } catch {
            // Another source may know the name; one that keeps us waiting is not waited for twice.
            guard error != .timeout, client.servers.isEmpty else { throw error }
            let others = try? SocketAddress.resolve(host: host, port: 0)
            guard let others, !others.isEmpty else { throw error }
            return Answer(NameLookup.usable(NameLookup.distinct(others)), ttl: nil)
        }
    }

    /// Where a service is; empty exactly when its name says that it is nowhere.
    public func services(of name: String) throws(LookupError) -> Answer<DNSService> {
        let records = try client.ask(name, .service)
        let found = records.compactMap { record -> DNSService? in
            if case .service(let service) = record.content { service } else { nil }
        }
        // A dot for a target means that there is no such service (RFC 2782).
        let targets = found.filter { !$0.target.isEmpty && $0.port != 0 }
        guard !targets.isEmpty else { throw .notFound }
        return Answer(NameLookup.distinct(targets), ttl: records.map(\.ttl).min())
    }

    private func ask(_ host: String) throws(LookupError) -> Answer<SocketAddress> {
        var records: [DNSRecord] = []
        var fault: LookupError?
        do throws(LookupError) {
            records = try client.ask(host, .ipv4)
        } catch {
            // A server that is silent is not waited for again.
            if error == .timeout { throw error }
            fault = error
        }
        do throws(LookupError) {
            records += try client.ask(host, .ipv6)
        } catch {
            if fault == nil || fault == .notFound { fault = error }
        }
        let found = records.compactMap { record -> SocketAddress? in
            switch record.content {
            case .ipv4(let bits): .ipv4(bits, port: 0)
            case .ipv6(let upper, let lower): .ipv6(upper, lower, port: 0)
            case .service, .alias: nil
            }
        }
        guard !found.isEmpty else { throw fault ?? .notFound }
        return Answer(
            NameLookup.usable(NameLookup.distinct(found)), ttl: records.map(\.ttl).min(),
            isPartial: fault != nil && fault != .notFound)
    }

    /// Those that this machine has a route to (RFC 6724 §5, rule 1); all, where it has one to none:
    /// it may get one.
    static func usable(_ addresses: [SocketAddress]) -> [SocketAddress] {
        let reachable = addresses.filter(\.hasRoute)
        return reachable.isEmpty ? addresses : reachable
    }

    /// The first of those that are not alike, so that an answer of any size costs little.
    private static func distinct<Item: Hashable>(_ items: [Item]) -> [Item] {
        var seen: Set<Item> = []
        var found: [Item] = []
        for item in items where found.count < mostFound && seen.insert(item).inserted {
            found.append(item)
        }
        return found
    }

    /// How many addresses or services of one name are used.
    public static let mostFound = 256
}
