/// Where the servers of a backend are found that the configuration does not list.
public enum DiscoveryConfig: Sendable, Equatable {
    /// The SRV records of this name (RFC 2782).
    case service(String)
    /// A file with a server on each line.
    case file(FileReference)
}
