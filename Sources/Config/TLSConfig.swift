/// What is negotiated with clients.
public struct TLSConfig: Sendable, Equatable {
    /// What happens to a client that asks for a host of no site, or for none.
    public enum UnknownHost: String, Sendable, CaseIterable {
        /// It gets the certificate of the first site.
        case `default`
        /// It gets the alert `unrecognized_name`.
        case reject
    }

    /// Which versions, suites, groups and signature algorithms are offered.
    public var offer: TLSOffer

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

    /// Whether clients are sent proofs that certificates are not revoked.
    public var ocspStapling: Bool

    /// Certificates that expire sooner are warned of.
    public var expiryWarning: Duration

    /// Makes the value; what is left out has its default.
    public init(
        offer: TLSOffer = TLSOffer(),
        unknownHost: UnknownHost = .default,
        ticketRotation: Duration = .seconds(12 * 3_600),
        ticketLifetime: Duration = .seconds(24 * 3_600),
        ticketKeys: FileReference? = nil,
        earlyData: Bool = false,
        ocspStapling: Bool = true,
        expiryWarning: Duration = .seconds(21 * 86_400)
    ) {
        self.offer = offer
        self.unknownHost = unknownHost
        self.ticketRotation = ticketRotation
        self.ticketLifetime = ticketLifetime
        self.ticketKeys = ticketKeys
        self.earlyData = earlyData
        self.ocspStapling = ocspStapling
        self.expiryWarning = expiryWarning
    }
}
