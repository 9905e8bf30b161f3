/// What is negotiated with clients.
public struct TLSConfig: Sendable, Equatable {
    /// The recommendations of Mozilla by name.
    public enum Policy: String, Sendable, CaseIterable {
        /// TLS 1.3 only.
        case modern
        /// TLS 1.2 and 1.3.
        case intermediate
    }

    /// What happens to a client that asks for a host of no site, or for none.
    public enum UnknownHost: String, Sendable, CaseIterable {
        /// It gets the certificate of the first site.
        case `default`
        /// It gets the alert `unrecognized_name`.
        case reject
    }

    /// Which versions and suites are offered.
    public var policy: Policy

    /// What happens to a client that asks for a host of no site.
    public var unknownHost: UnknownHost

    /// How often another key seals session tickets.
    public var ticketRotation: Duration

    /// How long a client may resume with a ticket.
    public var ticketLifetime: Duration

    /// A file of ticket keys that several hosts share; nil where each process makes its own.
    public var ticketKeys: FileReference?

    /// True exactly when requests are taken before the handshake has ended (RFC 8446 §2.3).
    public var earlyData: Bool

    /// Makes the value; what is left out has its default.
    public init(
        policy: Policy = .intermediate,
        unknownHost: UnknownHost = .default,
        ticketRotation: Duration = .seconds(12 * 3_600),
        ticketLifetime: Duration = .seconds(24 * 3_600),
        ticketKeys: FileReference? = nil,
        earlyData: Bool = false
    ) {
        self.policy = policy
        self.unknownHost = unknownHost
        self.ticketRotation = ticketRotation
        self.ticketLifetime = ticketLifetime
        self.ticketKeys = ticketKeys
        self.earlyData = earlyData
    }
}
