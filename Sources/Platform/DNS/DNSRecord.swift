/// One record of a name server's answer, as far as servers are found by it (RFC 1035 §3.2.1).
public struct DNSRecord: Sendable, Equatable {
    /// What the record says.
    public enum Content: Sendable, Equatable {
        /// An IPv4 address in host byte order.
        case ipv4(UInt32)
        /// The upper and lower half of an IPv6 address in host byte order.
        case ipv6(UInt64, UInt64)
        /// Where a service is (RFC 2782).
        case service(DNSService)
        /// The name is another one's.
        case alias
    }

    /// What the record says.
    public let content: Content
    /// For how many seconds it holds.
    public let ttl: UInt32

    /// Makes a record.
    public init(_ content: Content, ttl: UInt32) {
        self.content = content
        self.ttl = ttl
    }
}

/// Where a service is: the content of an SRV record (RFC 2782).
public struct DNSService: Hashable, Sendable {
    /// Whom to try first: the lowest.
    public let priority: UInt16
    /// The share among those of one priority.
    public let weight: UInt16
    /// The port.
    public let port: UInt16
    /// The host's name, without a dot at its end; empty where there is no such service.
    public let target: String

    /// Makes the value.
    public init(priority: UInt16, weight: UInt16, port: UInt16, target: String) {
        self.priority = priority
        self.weight = weight
        self.port = port
        self.target = target
    }
}
