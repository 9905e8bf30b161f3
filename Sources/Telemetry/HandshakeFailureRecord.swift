public import Platform

/// What is known of one handshake that failed.
public struct HandshakeFailureRecord: Sendable, Equatable {
    /// When it failed.
    public let time: WallTime
    /// The client's network: the first three bytes of an IPv4 address, the first six of an IPv6
    /// one, since this is shown to people.
    public let client: String
    /// The listener's address as configured.
    public let listener: String
    /// The host that the client asked for; nil where it named none.
    public let serverName: String?
    /// The versions that the client offered, such as `TLSv1.2`; empty where it said nothing that
    /// could be understood.
    public let offeredVersions: [String]
    /// One of a closed list.
    public let reason: String
    /// The fatal alert that the client sent.
    public let alert: UInt8?

    /// Describes a failure.
    public init(
        time: WallTime, client: SocketAddress, listener: String, serverName: String?,
        offeredVersions: [String], reason: String, alert: UInt8?
    ) {
        self.time = time
        self.client = client.network
        self.listener = listener
        self.serverName = serverName
        self.offeredVersions = offeredVersions
        self.reason = reason
        self.alert = alert
    }
}
