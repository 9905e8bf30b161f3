internal import Bytes

/// From a host to a site: the same rules for the name in a ClientHello (RFC 6066 §3) and for a
/// request's host.
///
/// Immutable, so that every worker reads it without a lock.
public final class CredentialStore: Sendable {
    /// One site: the hosts it answers for and the certificates it shows.
    public struct Site: Sendable {
        /// Exact names, and `*.` before the rest of a name for any one label; lower-case.
        public let hosts: [String]
        /// At least one on a TLS listener; of each kind of key one is shown, see
        /// `CredentialChoice`.
        public let credentials: [Credential]
        /// The site's number in the configuration.
        public let index: Int
        /// Whom it asks for certificates; nil where it asks nobody.
        public let clientVerification: ClientVerification?
        /// True exactly when early data is accepted: never where clients are asked for
        /// certificates, since the handshake has to show first that this is the same client.
        public let allowsEarlyData: Bool
        /// What is done for its clients.
        public let service: SiteService
        /// The application protocols by which it is told from other sites of its hosts, as on the
        /// wire, best first (RFC 7301 §3.1); empty at HTTP sites, whose listeners say what is
        /// offered, and where any will do.
        let protocols: [UInt8]

        /// Describes one site.
        public init(
            hosts: [String], credentials: [Credential], index: Int,
            clientVerification: ClientVerification? = nil, allowsEarlyData: Bool = false,
            service: SiteService = .http, alpn: [String] = []
        ) {
            self.allowsEarlyData = allowsEarlyData && clientVerification == nil && service == .http
            self.service = service
            protocols = alpn.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
            self.hosts = hosts
            self.credentials = credentials
            self.index = index
            self.clientVerification = clientVerification
        }
    }

    /// What a host led to.
    public enum Selection: Equatable, Sendable {
        /// The site of that number.
        case site(Int)
        /// No site has the host, and there is no default.
        case unknown
        /// No site has the host, and unknown hosts are rejected.
        case rejected
    }

    /// The sites by their numbers.
    public let sites: [Site]
    /// True exactly when a site asks its clients for certificates.
    let asksClients: Bool
    /// True exactly when a site takes TLS untouched, so that ClientHellos are looked at first.
    public let passesThrough: Bool
    /// True exactly when hosts have several sites, so that the offered protocols matter.
    var tellsByProtocol: Bool { !shared.isEmpty }
    private let names: HostNames
    /// The sites of each host that several have; the names' values from `sites.count` on are
    /// places in here.
    private let shared: [[Int]]
    /// What a ClientHello that names no site's host leads to.
    private let fallback: Selection
    /// What a request that names no site's host leads to.
    private let requestFallback: Selection

    /// Builds the tables.
    ///
    /// - Parameters:
    ///   - sites: in the order of their numbers, which count from 0.
    ///   - defaultSite: the site of hosts that none has; nil where there is none.
    ///   - rejectsUnknownHosts: true exactly when such hosts are to be refused.
    public init(sites: [Site], defaultSite: Int?, rejectsUnknownHosts: Bool) {
        self.sites = sites
        asksClients = sites.contains { $0.clientVerification != nil }
        passesThrough = sites.contains { $0.service == .passthrough }
        let count = sites.reduce(0) { $0 + $1.hosts.count }
        var names = HostNames(capacity: count)
        let (values, shared) = CredentialStore.sharedHosts(sites)
        for site in sites {
            for host in site.hosts { names.insert(host, value: values[host] ?? site.index) }
        }
        self.names = names
        self.shared = shared
        if rejectsUnknownHosts {
            fallback = .rejected
        } else {
            fallback = defaultSite.map { .site($0) } ?? .unknown
        }
        if case .site(let site) = fallback, sites.indices.contains(site),
            sites[site].service != .http
        {
            requestFallback =
                sites.first { $0.service == .http }.map { .site($0.index) } ?? .unknown
        } else {
            requestFallback = fallback
        }
    }

    /// Hosts that several sites have, with their values in the tables, and the sites of each.
    private static func sharedHosts(_ sites: [Site]) -> (values: [String: Int], shared: [[Int]]) {
        // Hosts of HTTP sites alone have one site each.
        guard sites.contains(where: { $0.service != .http }) else { return ([:], []) }
        var owners: [String: [Int]] = [:]
        for site in sites {
            for host in site.hosts { owners[host, default: []].append(site.index) }
        }
        var values: [String: Int] = [:]
        var shared: [[Int]] = []
        for (host, indices) in owners where indices.count > 1 {
            values[host] = sites.count + shared.count
            shared.append(indices)
        }
        return (values, shared)
    }

    /// Whom a site asks for certificates; nil where it asks nobody.
    public func clientVerification(of site: Int) -> ClientVerification? {
        asksClients ? sites[site].clientVerification : nil
    }

    /// Finds the site of a request's host, in any case, with or without a final dot:
    ///
    /// 1. the HTTP site with exactly that name;
    /// 2. the HTTP site with a wildcard in place of the first label: one label, never more
    ///    (RFC 9525 §6.3);
    /// 3. the default site, if it is one of HTTP, else the first that is, or the refusal of unknown
    ///    hosts.
    ///
    /// An empty name, from a client that sends none, goes to 3; the name of other sites alone leads
    /// nowhere.
    public func select(serverName: Span<UInt8>) -> Selection {
        guard let value = value(of: serverName) else { return requestFallback }
        if value < sites.count {
            return sites[value].service == .http ? .site(value) : .unknown
        }
        for site in shared[value - sites.count] where sites[site].service == .http {
            return .site(site)
        }
        return .unknown
    }

    /// Finds the site that a ClientHello asks for, by the same steps.
    ///
    /// Of several sites of a host that one is taken that speaks the first of the offered protocols
    /// which any of them speaks; where none does, or none is offered, the one without a list of its
    /// own, or the first.
    ///
    /// - Parameter protocols: the client's list as on the wire, each name behind its length; empty
    ///   where it offers none.
    public func select(serverName: Span<UInt8>, offering protocols: Span<UInt8>) -> Selection {
        guard let value = value(of: serverName) else { return fallback }
        guard value >= sites.count else { return .site(value) }
        return .site(choose(shared[value - sites.count], offering: protocols))
    }

    /// What the names say of a host; nil where no site has it.
    private func value(of serverName: Span<UInt8>) -> Int? {
        serverName.isEmpty ? nil : names.find(serverName)
    }

    private func choose(_ candidates: [Int], offering protocols: Span<UInt8>) -> Int {
        var start = 0
        while start < protocols.count {
            let end = start + 1 + Int(protocols[start])
            guard end <= protocols.count else { break }
            let name = protocols.extracting(start..<end)
            for candidate in candidates where sites[candidate].speaks(name) { return candidate }
            start = end
        }
        return candidates.first { sites[$0].protocols.isEmpty } ?? candidates[0]
    }
}

extension CredentialStore.Site {
    /// True exactly when a protocol, its length before its name, is one of the site's own.
    fileprivate func speaks(_ name: Span<UInt8>) -> Bool {
        let ours = service == .http ? CredentialStore.Site.web : protocols
        return ProtocolList.find(name, in: ours.span) != nil
    }

    /// What HTTP sites speak (RFC 7301 §6, RFC 9113 §3.2).
    private static let web = ["h2", "http/1.1"].flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
}
