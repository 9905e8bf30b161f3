public import Bytes

/// A header of the PROXY protocol: what a proxy tells the server behind it about the client, as the
/// very first bytes of a connection.
///
/// The reference is `proxy-protocol.txt` of HAProxy, of 2020/03/05; the section numbers in these
/// files are its own.
public struct ProxyHeader: Equatable, Sendable {
    /// True exactly when the proxy speaks for itself (a health check), so that the addresses of the
    /// connection are the right ones.
    public var isLocal: Bool
    /// The client; nil where it is unknown or has no IP address.
    public var source: ProxyEndpoint?
    /// Where the client connected to; nil exactly when `source` is.
    public var destination: ProxyEndpoint?
    /// The application protocol that ALPN agreed on; empty for none. Version 2 only, as all below.
    public var applicationProtocol: [UInt8] = []
    /// The host that the client asked for (SNI); empty for none.
    public var authority: [UInt8] = []
    /// What is known of the client's TLS; nil without it.
    public var tls: ProxyTLSFacts?
    /// Values that mean nothing here and are told on as they came (unique id, network namespace and
    /// those of applications): type, length and bytes of each.
    public var others: [UInt8] = []
    /// True exactly when the header carries a checksum.
    public var hasChecksum = false

    /// A proxy's own connection: no client stands behind it.
    public static let local = ProxyHeader(isLocal: true)

    /// A client whose addresses are unknown.
    public static let unknown = ProxyHeader(isLocal: false)

    /// The connection of a client.
    public init(source: ProxyEndpoint, destination: ProxyEndpoint) {
        isLocal = false
        self.source = source
        self.destination = destination
    }

    /// True exactly when the header says more than addresses.
    public var hasValues: Bool {
        !applicationProtocol.isEmpty || !authority.isEmpty || tls != nil || !others.isEmpty
            || hasChecksum
    }

    private init(isLocal: Bool) { self.isLocal = isLocal }

    /// Reads the header that `bytes` begin with, of either version.
    ///
    /// What comes in parts is read the same as what comes at once: call again from the first byte.
    public static func parse(_ bytes: Span<UInt8>) -> ProxyParseOutcome {
        guard !bytes.isEmpty else { return .needsMore }
        switch bytes[0] {
        case UInt8(ascii: "P"): return parseLine(bytes)
        case UInt8(ascii: "\r"): return parseBinary(bytes)
        default: return .failed(.missing)
        }
    }

    /// Appends the header in the form of `version`.
    public func append(_ version: ProxyVersion, to queue: inout ByteQueue) {
        switch version {
        case .v1: appendLine(to: &queue)
        case .v2, .v2Certificate: appendBinary(to: &queue)
        }
    }

    /// The longest line of version 1, its end included (§2.1).
    public static let longestLine = 107
    /// The longest header of version 2 that is taken: addresses take 232 bytes, names and what is
    /// said of TLS a few hundred; 64 KiB would be no header but an attack on memory.
    public static let longestBinary = 4096
    /// How many bytes of values are kept of a header, their types and lengths among them, since a
    /// connection holds them as long as it lives; those that do not fit whole are passed over.
    public static let keptBytes = 1024
}
