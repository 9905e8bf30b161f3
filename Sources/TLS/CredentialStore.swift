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
        /// At least one on a TLS listener; of each kind of key the first is used.
        public let credentials: [Credential]
        /// The site's number in the configuration.
        public let index: Int
        /// Whom it asks for certificates; nil where it asks nobody.
        public let clientVerification: ClientVerification?
        /// True exactly when early data is accepted: never where clients are asked for
        /// certificates, since the handshake has to show first that this is the same client.
        public let allowsEarlyData: Bool

        /// Describes one site.
        public init(
            hosts: [String], credentials: [Credential], index: Int,
            clientVerification: ClientVerification? = nil, allowsEarlyData: Bool = false
        ) {
            self.allowsEarlyData = allowsEarlyData && clientVerification == nil
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
    private let exact: HostTable
    private let wildcard: HostTable
    private let fallback: Selection

    /// Builds the tables.
    ///
    /// - Parameters:
    ///   - sites: in the order of their numbers, which count from 0.
    ///   - defaultSite: the site of hosts that none has; nil where there is none.
    ///   - rejectsUnknownHosts: true exactly when such hosts are to be refused.
    public init(sites: [Site], defaultSite: Int?, rejectsUnknownHosts: Bool) {
        self.sites = sites
        asksClients = sites.contains { $0.clientVerification != nil }
        let count = sites.reduce(0) { $0 + $1.hosts.count }
        var exact = HostTable(capacity: count)
        var wildcard = HostTable(capacity: count)
        for site in sites {
            for host in site.hosts {
                if host.utf8.starts(with: "*.".utf8) {
                    wildcard.insert(String(host.dropFirst(2)), value: site.index)
                } else {
                    exact.insert(host, value: site.index)
                }
            }
        }
        self.exact = exact
        self.wildcard = wildcard
        if rejectsUnknownHosts {
            fallback = .rejected
        } else {
            fallback = defaultSite.map { .site($0) } ?? .unknown
        }
    }

    /// Whom a site asks for certificates; nil where it asks nobody.
    public func clientVerification(of site: Int) -> ClientVerification? {
        asksClients ? sites[site].clientVerification : nil
    }

    /// Finds the site of a host, in any case, with or without a final dot:
    ///
    /// 1. the site with exactly that name;
    /// 2. the site with a wildcard in place of the first label: one label, never more
    ///    (RFC 9525 §6.3);
    /// 3. the default site, or the refusal of unknown hosts.
    ///
    /// An empty name, from a client that sends none, goes to 3.
    public func select(serverName: Span<UInt8>) -> Selection {
        var name = serverName
        if name.count > 1, name[name.count - 1] == UInt8(ascii: ".") {
            name = name.extracting(0..<(name.count - 1))
        }
        guard !name.isEmpty else { return fallback }
        if let site = exact.find(name) { return .site(site) }
        if let dot = name.firstIndex(of: UInt8(ascii: ".")), dot > 0, dot + 1 < name.count,
            let site = wildcard.find(name.extracting((dot + 1)..<name.count))
        {
            return .site(site)
        }
        return fallback
    }
}
